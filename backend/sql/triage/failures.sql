-- Jobs that ended FAILED, or wait for another try after a failure, by type and error.
-- $1 text  how far back, seconds
-- Rows: type text, status text (FAILED, PENDING), error text, jobs bigint, total bigint: of all
--       rows of that status
-- Numbers and ids in errors are left out, so that one cause is one line. A number that may be a
-- status, like 503, stays.
-- A type of over 60 characters is cut, and ends with "…": no command takes it for one of ours.
WITH recent AS (
         SELECT job_type, status, error FROM jobs
         WHERE status IN ('DONE', 'FAILED') AND status = 'FAILED'
           AND coalesce(finished_at, updated_at) > now() - $1::double precision * interval '1 second'
         UNION ALL
         SELECT job_type, status, error FROM jobs
         WHERE status IN ('PENDING', 'PROCESSING') AND status = 'PENDING' AND attempts > 0
           AND updated_at > now() - $1::double precision * interval '1 second')
SELECT CASE WHEN length(job_type) > 60 THEN left(job_type, 59) || '…' ELSE job_type END AS type, status::text AS status,
       left(regexp_replace(regexp_replace(coalesce(left(error, 500), 'no error noted'),
           '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', 'ID', 'g'), '\m(?![1-5]\d\d\M)\d+', 'N', 'g'),
           80) AS error,
       count(*) AS jobs, sum(count(*)) OVER (PARTITION BY status)::bigint AS total
FROM recent
GROUP BY job_type, recent.status, 3 ORDER BY jobs DESC LIMIT 10
