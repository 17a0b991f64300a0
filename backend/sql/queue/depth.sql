-- Unfinished jobs by type: due, running or waiting for a retry. Types without any have no row.
-- slow lane: it reads the dead rows that a long transaction keeps
-- Rows: type text, depth bigint, oldest_age_seconds double precision
-- Reads the index jobs_unfinished alone, however many jobs are finished.
SELECT job_type AS type, count(*) AS depth,
       3600 * age_in_hours(min(created_at) FILTER (WHERE isfinite(created_at)))::double precision
           AS oldest_age_seconds
FROM jobs
WHERE status IN ('PENDING', 'PROCESSING')
GROUP BY job_type
