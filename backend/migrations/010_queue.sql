-- What the queue's workers know of each other, and the levers that they obey.

-- A worker's session holds an advisory lock (worker_lock, id) as long as it lives: where the lock is free, the worker is gone, or cut off.
-- missing_since: when another worker first found it free.
CREATE TABLE workers (
    id int PRIMARY KEY,
    name text NOT NULL,
    missing_since timestamptz,
    appeared_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION worker_lock() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 1886873202 -- 'pwkr'
$$;

-- Who has a job; null: a worker without such a session, or a row written by hand. Then the lease alone says when the job is free again.
ALTER TABLE jobs ADD COLUMN worker_id int;

-- Levers: obeyed by every process while they last.
CREATE TABLE settings (
    key text PRIMARY KEY,
    value text NOT NULL,
    expires_at timestamptz, -- null: until it is unset
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- The urgency of a type of job, as the column `priority` has it.
CREATE FUNCTION job_priority(job_type text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE job_type WHEN 'generate_reply' THEN 0 WHEN 'summarize_thread' THEN 1 WHEN 'weekly_digest' THEN 3 ELSE 2 END
$$;

-- The priorities that `queue.pause.<type>` = true keeps waiting just now.
CREATE FUNCTION paused_priorities() RETURNS int[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(job_priority(substr(key, length('queue.pause.') + 1))), '{}') FROM settings
    WHERE key >= 'queue.pause.' AND key < 'queue.pause/' AND value = 'true' AND (expires_at IS NULL OR expires_at > statement_timestamp())
$$;

-- As before (004_activity.sql), but for who asked: many replies may be stored by one statement, each in the name of its own request.
-- `personaworlds.request_ids` is a JSON object of them by persona; `personaworlds.request_id` is for all.
CREATE OR REPLACE FUNCTION ask_for_persona_digests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    request text := nullif(current_setting('personaworlds.request_id', true), '');
    requests jsonb := nullif(current_setting('personaworlds.request_ids', true), '');
BEGIN
    INSERT INTO jobs (job_type, persona_id, subject_date, payload, available_at, request_id, trace_id)
    SELECT 'persona_digest', a.persona_id, a.day, jsonb_build_object('persona_id', a.persona_id),
           greatest(now(), d.updated_at + interval '1 minute'), coalesce(requests->>a.persona_id::text, request),
           coalesce(requests->>a.persona_id::text, request)
    FROM (SELECT DISTINCT persona_id, (created_at AT TIME ZONE 'UTC')::date AS day FROM new_activity WHERE persona_id IS NOT NULL) a
    LEFT JOIN persona_digests d ON d.persona_id = a.persona_id AND d.date = a.day
    ORDER BY a.persona_id, a.day
    ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
        WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
        DO UPDATE SET dirty = true WHERE jobs.status = 'PROCESSING';
    RETURN NULL;
END
$$;
