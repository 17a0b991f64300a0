-- Unfinished jobs by type, from the index of those alone.
-- Rows: type text, unfinished bigint, running bigint, due bigint: now, oldest_due_seconds double
--       precision (0: none is due), retrying bigint: waiting after a failed attempt, is_paused
--       boolean
-- A type of over 60 characters is cut, and ends with "…": no command takes it for one of ours.
SELECT CASE WHEN length(job_type) > 60 THEN left(job_type, 59) || '…' ELSE job_type END AS type,
       count(*) AS unfinished, count(*) FILTER (WHERE status = 'PROCESSING') AS running,
       count(*) FILTER (WHERE status = 'PENDING' AND available_at <= now()) AS due,
       coalesce(extract(epoch FROM now() - min(available_at) FILTER (
           WHERE status = 'PENDING' AND available_at <= now())), 0)::double precision AS oldest_due_seconds,
       count(*) FILTER (WHERE status = 'PENDING' AND attempts > 0) AS retrying,
       job_priority(job_type) = ANY (paused_priorities()) AS is_paused
FROM jobs
WHERE status IN ('PENDING', 'PROCESSING')
GROUP BY job_type ORDER BY unfinished DESC LIMIT 20
