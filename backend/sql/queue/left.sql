-- How much the workers still have to do.
-- $1 text type, or null: all
-- One row: jobs bigint: unfinished ones but for those that wait under a pause; paused bigint: those
WITH paused AS (
         SELECT substr(key, length('queue.pause.') + 1) AS type FROM settings
         WHERE key >= 'queue.pause.' AND key < 'queue.pause/' AND value = 'true'
           AND (expires_at IS NULL OR expires_at > now())),
     unfinished AS (
         SELECT status = 'PENDING' AND job_type IN (SELECT type FROM paused) AS is_paused FROM jobs
         WHERE status IN ('PENDING', 'PROCESSING') AND ($1::text IS NULL OR job_type = $1::text))
SELECT count(*) FILTER (WHERE NOT is_paused) AS jobs, count(*) FILTER (WHERE is_paused) AS paused FROM unfinished
