-- Running jobs whose lease was over ten seconds ago. A worker takes such a job back within a poll.
-- Rows: type text, jobs bigint, seconds double precision: since the first of their leases was over
-- A type of over 60 characters is cut, and ends with "…": no command takes it for one of ours.
SELECT CASE WHEN length(job_type) > 60 THEN left(job_type, 59) || '…' ELSE job_type END AS type, count(*) AS jobs,
       coalesce(extract(epoch FROM now() - min(coalesce(lease_until, locked_at, created_at))
           FILTER (WHERE isfinite(coalesce(lease_until, locked_at, created_at)))), 0)::double precision AS seconds
FROM jobs
WHERE status = 'PROCESSING' AND coalesce(lease_until, locked_at, created_at) < now() - interval '10 seconds'
GROUP BY job_type ORDER BY jobs DESC LIMIT 20
