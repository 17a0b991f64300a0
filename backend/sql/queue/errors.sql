-- The errors of jobs that failed within the last 24 hours, and of those that wait for another
-- attempt, the most frequent first.
-- Rows: error text (its kind, see error_kind), type text, failed bigint, retrying bigint, last_s
--       bigint since the newest
SELECT error_kind(left(error, 500)) AS error, left(job_type, 60) AS type,
       count(*) FILTER (WHERE status = 'FAILED') AS failed,
       count(*) FILTER (WHERE status <> 'FAILED') AS retrying,
       greatest(extract(epoch FROM now() - max(updated_at) FILTER (WHERE isfinite(updated_at))), 0)::bigint AS last_s
FROM (SELECT error, job_type, status, updated_at FROM jobs
      WHERE status IN ('DONE', 'FAILED') AND status = 'FAILED'
        AND coalesce(finished_at, updated_at) > now() - interval '24 hours'
      UNION ALL
      SELECT error, job_type, status, updated_at FROM jobs
      WHERE status IN ('PENDING', 'PROCESSING') AND attempts > 0) job
WHERE error IS NOT NULL
GROUP BY 1, 2 ORDER BY failed DESC, retrying DESC, 1, 2 LIMIT 20
