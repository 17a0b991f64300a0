-- The queue. PENDING -> PROCESSING (under a lease) -> DONE, FAILED, or PENDING again.

CREATE TYPE job_status_enum AS ENUM ('PENDING', 'PROCESSING', 'DONE', 'FAILED');

CREATE TABLE jobs (
    id bigserial PRIMARY KEY,
    job_type text NOT NULL,
    post_id uuid REFERENCES posts ON DELETE CASCADE,
    persona_id uuid REFERENCES personas ON DELETE CASCADE,
    user_id uuid REFERENCES users ON DELETE CASCADE,
    subject_date date,
    payload jsonb NOT NULL DEFAULT '{}',
    status job_status_enum NOT NULL DEFAULT 'PENDING',
    priority smallint NOT NULL GENERATED ALWAYS AS
        (CASE job_type WHEN 'generate_reply' THEN 0 WHEN 'summarize_thread' THEN 1 WHEN 'weekly_digest' THEN 3 ELSE 2 END) STORED,
    attempts int NOT NULL DEFAULT 0,
    dirty boolean NOT NULL DEFAULT false, -- asked for again while it was PROCESSING
    available_at timestamptz NOT NULL DEFAULT now(),
    locked_at timestamptz,
    locked_by text,
    lease_until timestamptz,
    lease_token uuid, -- new with each claim: a late worker's doesn't match
    error text,
    request_id text,
    trace_id text,
    finished_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT jobs_available_at_finite CHECK (isfinite(available_at))
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);

-- One active job per type and subject; a row without a subject (an unknown type) has no equal.
-- Its order also counts a persona's active jobs of one type.
CREATE UNIQUE INDEX jobs_one_active ON jobs (job_type, persona_id, post_id, user_id, subject_date) NULLS NOT DISTINCT
    WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL;

-- The claim reads each priority from its oldest end; finished jobs are not in any of these.
CREATE INDEX jobs_due ON jobs (priority, available_at, id) WHERE status = 'PENDING';
-- A row that was made PROCESSING by hand has no lease: it counts from when it was locked, so that it can't stay for ever.
CREATE INDEX jobs_leased ON jobs (coalesce(lease_until, locked_at, created_at)) WHERE status = 'PROCESSING';
CREATE INDEX jobs_unfinished ON jobs (job_type, created_at) WHERE status IN ('PENDING', 'PROCESSING');
CREATE INDEX jobs_finished ON jobs (coalesce(finished_at, updated_at)) WHERE status IN ('DONE', 'FAILED');
CREATE INDEX jobs_by_post ON jobs (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX jobs_by_persona ON jobs (persona_id) WHERE persona_id IS NOT NULL;

-- The text as a UUID, or null where it is none: ids in free JSON.
CREATE FUNCTION try_uuid(value text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN value::uuid END
$$;

-- A job written by hand may name its subject in the payload alone: the columns, which everything else reads, get it where that row exists.
CREATE FUNCTION complete_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.post_id := coalesce(NEW.post_id, (SELECT id FROM posts WHERE id = try_uuid(NEW.payload->>'post_id')));
    NEW.persona_id := coalesce(NEW.persona_id, (SELECT id FROM personas WHERE id = try_uuid(NEW.payload->>'persona_id')));
    IF NEW.job_type = 'persona_digest' THEN
        NEW.subject_date := coalesce(NEW.subject_date, (now() AT TIME ZONE 'UTC')::date);
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER jobs_complete BEFORE INSERT ON jobs FOR EACH ROW
    WHEN (NEW.post_id IS NULL AND NEW.payload ? 'post_id' OR NEW.persona_id IS NULL AND NEW.payload ? 'persona_id'
          OR NEW.job_type = 'persona_digest' AND NEW.subject_date IS NULL)
    EXECUTE FUNCTION complete_job();
