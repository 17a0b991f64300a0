-- What is done leaves the queue: an hour after its end the workers move a DONE job from `jobs` to
-- `jobs_done`, in partitions by the UTC day of its end, which go as whole ones after JOB_RETENTION.
-- So `jobs` has the work of an hour and what failed, however long the history is kept.
--
-- Nothing is moved here: what is DONE already goes as all else does, in the workers' batches. The
-- release before deletes finished jobs from `jobs` alone, and may run beside or after this one.

-- As before (061_partitions.sql), with one table more.
CREATE OR REPLACE FUNCTION partition_step(parent text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN parent IN ('events', 'persona_activity_events', 'quota_events', 'jobs_done') THEN 'day'
                WHEN parent = 'notifications' THEN 'month' END
$$;

-- The columns of `jobs`, and of its rules those alone that no row of any age breaks, as one that
-- can't be moved would stop all behind it. No foreign keys: their checks would lock the post and
-- the persona of each row that moves, and wait for whoever deletes them. See forget_jobs_done.
CREATE TABLE jobs_done (
    id bigint NOT NULL,
    job_type text NOT NULL,
    post_id uuid,
    persona_id uuid,
    user_id uuid,
    subject_date date,
    payload jsonb NOT NULL,
    status job_status_enum NOT NULL CHECK (status = 'DONE'),
    priority smallint NOT NULL,
    attempts int NOT NULL,
    dirty boolean NOT NULL,
    available_at timestamptz NOT NULL,
    locked_at timestamptz,
    locked_by text,
    lease_until timestamptz,
    lease_token uuid,
    error text,
    request_id text,
    trace_id text,
    finished_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    worker_id int
) PARTITION BY RANGE (finished_at);

CREATE INDEX jobs_done_by_end ON jobs_done (finished_at);
CREATE INDEX jobs_done_by_post ON jobs_done (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX jobs_done_by_persona ON jobs_done (persona_id) WHERE persona_id IS NOT NULL;
CREATE INDEX jobs_done_by_user ON jobs_done (user_id) WHERE user_id IS NOT NULL;

DO $$
BEGIN
    EXECUTE format('CREATE TABLE jobs_done_before PARTITION OF jobs_done (PRIMARY KEY (id)) '
                   'FOR VALUES FROM (MINVALUE) TO (%L)', date_trunc('day', now(), 'UTC'));
    CREATE TABLE jobs_done_outside PARTITION OF jobs_done (PRIMARY KEY (id)) DEFAULT;
    PERFORM make_partition('jobs_done', date_trunc('day', now(), 'UTC') + n * interval '24 hours')
    FROM generate_series(0, 3) n;
END
$$;

-- Every job that is kept, wherever it is just now: a row is moved by one statement, so whoever
-- looks sees it once.
CREATE VIEW jobs_all AS
SELECT id, job_type, post_id, persona_id, user_id, subject_date, payload, status, priority, attempts, dirty,
       available_at, locked_at, locked_by, lease_until, lease_token, error, request_id, trace_id, finished_at,
       created_at, updated_at, worker_id
FROM jobs
UNION ALL
SELECT id, job_type, post_id, persona_id, user_id, subject_date, payload, status, priority, attempts, dirty,
       available_at, locked_at, locked_by, lease_until, lease_token, error, request_id, trace_id, finished_at,
       created_at, updated_at, worker_id
FROM jobs_done;

-- Jobs that are done go with their post, persona or user, as those in `jobs` do by their foreign
-- keys, and with the owner's rights as there. A statement's triggers run after its cascades: these
-- wait for a row that is being moved, and the snapshot here then has it at its new place. Rows are
-- locked in one order, so a post and a persona that are deleted at once don't wait for each other.
CREATE FUNCTION forget_jobs_done() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'posts' THEN
        PERFORM FROM jobs_done WHERE post_id = ANY (ARRAY(SELECT id FROM gone)) ORDER BY id FOR UPDATE;
        DELETE FROM jobs_done WHERE FOUND AND post_id = ANY (ARRAY(SELECT id FROM gone));
    ELSIF TG_TABLE_NAME = 'personas' THEN
        PERFORM FROM jobs_done WHERE persona_id = ANY (ARRAY(SELECT id FROM gone)) ORDER BY id FOR UPDATE;
        DELETE FROM jobs_done WHERE FOUND AND persona_id = ANY (ARRAY(SELECT id FROM gone));
    ELSE
        PERFORM FROM jobs_done WHERE user_id = ANY (ARRAY(SELECT id FROM gone)) ORDER BY id FOR UPDATE;
        DELETE FROM jobs_done WHERE FOUND AND user_id = ANY (ARRAY(SELECT id FROM gone));
    END IF;
    RETURN NULL;
END
$$;

-- A trigger waits for whoever writes to its table, and whoever comes then waits behind it: for a
-- twentieth of a second at most. First comes the lock that keeps autovacuum out, behind which no
-- reader or writer waits: an autovacuum makes way only for who waits longer.
DO $$
BEGIN
    PERFORM set_config('lock_timeout', '60s', true);
    LOCK TABLE users, personas, posts IN SHARE UPDATE EXCLUSIVE MODE;
    PERFORM set_config('lock_timeout', '50ms', true);
    FOR round IN 1..300 LOOP
        BEGIN
            LOCK TABLE users, personas, posts IN SHARE ROW EXCLUSIVE MODE;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(0.1 + random() * 0.1);
        END;
    END LOOP;
    RAISE 'somebody has written to users, personas or posts for a minute; end that, and migrate again'
        USING ERRCODE = 'lock_not_available';
END
$$;

CREATE TRIGGER posts_forget_jobs_done AFTER DELETE ON posts
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION forget_jobs_done();
CREATE TRIGGER personas_forget_jobs_done AFTER DELETE ON personas
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION forget_jobs_done();
CREATE TRIGGER users_forget_jobs_done AFTER DELETE ON users
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION forget_jobs_done();
