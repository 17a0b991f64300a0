-- Jobs that send mails have priorities of their own, so that each kind can be paused by itself and
-- none waits behind digests. The column's expression can't be changed without a rewrite of the
-- table, so from here on a trigger keeps the column.

CREATE OR REPLACE FUNCTION job_priority(job_type text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE job_type WHEN 'generate_reply' THEN 0 WHEN 'summarize_thread' THEN 1 WHEN 'weekly_digest' THEN 3
                         WHEN 'reset_mail' THEN 4 WHEN 'verification_mail' THEN 5 ELSE 2 END
$$;

ALTER TABLE jobs ALTER COLUMN priority DROP EXPRESSION;
ALTER TABLE jobs ALTER COLUMN priority SET DEFAULT 2;

CREATE FUNCTION set_job_priority() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.priority := job_priority(NEW.job_type);
    RETURN NEW;
END
$$;

CREATE TRIGGER jobs_priority BEFORE INSERT OR UPDATE OF job_type, priority ON jobs FOR EACH ROW
    WHEN (NEW.priority <> job_priority(NEW.job_type))
    EXECUTE FUNCTION set_job_priority();
