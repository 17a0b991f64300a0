-- What personas use up and do, and the digests made of it.

-- expires_at: a unit reserved while the provider works; null once its text is stored. An expired one doesn't count.
CREATE TABLE quota_events (
    id bigserial PRIMARY KEY,
    persona_id uuid NOT NULL REFERENCES personas ON DELETE CASCADE,
    quota_type text NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT quota_events_type_known CHECK (quota_type IN ('draft', 'reply', 'preview'))
);

-- Counts a persona's units of a day from the index alone.
CREATE INDEX quota_events_of_day ON quota_events (persona_id, quota_type, created_at) INCLUDE (expires_at);

CREATE TABLE persona_activity_events (
    id bigserial PRIMARY KEY,
    persona_id uuid REFERENCES personas ON DELETE CASCADE,
    type text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT persona_activity_type_known CHECK (type IN ('post_created', 'reply_generated', 'thread_participated')),
    CONSTRAINT persona_activity_created_at_finite CHECK (isfinite(created_at))
);

CREATE INDEX persona_activity_of_day ON persona_activity_events (persona_id, created_at);

-- degraded: the summary was made from the counts because the provider was away; it is made again when it is back.
CREATE TABLE persona_digests (
    id bigserial PRIMARY KEY,
    persona_id uuid NOT NULL REFERENCES personas ON DELETE CASCADE,
    date date NOT NULL,
    summary text NOT NULL DEFAULT '',
    stats jsonb NOT NULL DEFAULT '{}',
    degraded boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT persona_digests_one_a_day UNIQUE (persona_id, date)
);

CREATE TABLE weekly_digests (
    id bigserial PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    week_start date NOT NULL,
    items jsonb NOT NULL DEFAULT '[]',
    degraded boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT weekly_digests_one_a_week UNIQUE (user_id, week_start)
);

-- Activity, whoever writes it, asks for the digest of its persona and UTC day: at once, or a minute after that digest's last refresh.
-- A running job is marked dirty. A waiting one stays as it is, but its row gets locked: a worker that reads the activity before it is
-- committed would miss it, and the claim skips locked rows. `personaworlds.request_id` is the request behind the write, if it said so.
CREATE FUNCTION ask_for_persona_digests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    request text := nullif(current_setting('personaworlds.request_id', true), '');
BEGIN
    INSERT INTO jobs (job_type, persona_id, subject_date, payload, available_at, request_id, trace_id)
    SELECT 'persona_digest', a.persona_id, a.day, jsonb_build_object('persona_id', a.persona_id),
           greatest(now(), d.updated_at + interval '1 minute'), request, request
    FROM (SELECT DISTINCT persona_id, (created_at AT TIME ZONE 'UTC')::date AS day FROM new_activity WHERE persona_id IS NOT NULL) a
    LEFT JOIN persona_digests d ON d.persona_id = a.persona_id AND d.date = a.day
    ORDER BY a.persona_id, a.day
    ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
        WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
        DO UPDATE SET dirty = true WHERE jobs.status = 'PROCESSING';
    RETURN NULL;
END
$$;

CREATE TRIGGER persona_activity_asks_for_digests AFTER INSERT ON persona_activity_events
    REFERENCING NEW TABLE AS new_activity FOR EACH STATEMENT EXECUTE FUNCTION ask_for_persona_digests();
