-- What the queue holds, by type, for an operator.
-- $1 text[] types that always have a row
-- Rows: type text, due bigint, retrying bigint (waiting for another attempt), later bigint (waiting
--       for a first one), running bigint, oldest_s bigint: age of the oldest unfinished job, null
--       without any; failed bigint within 24 hours; is_paused boolean; paused_ms bigint until the
--       pause is over, null: never
WITH unfinished AS (
         SELECT job_type AS type, count(*) FILTER (WHERE status = 'PROCESSING') AS running,
                count(*) FILTER (WHERE status = 'PENDING' AND available_at <= now()) AS due,
                count(*) FILTER (WHERE status = 'PENDING' AND available_at > now() AND attempts > 0) AS retrying,
                count(*) FILTER (WHERE status = 'PENDING' AND available_at > now() AND attempts = 0) AS later,
                greatest(extract(epoch FROM now() - min(created_at) FILTER (WHERE isfinite(created_at))), 0)::bigint
                    AS oldest_s
         FROM jobs WHERE status IN ('PENDING', 'PROCESSING') GROUP BY job_type),
     failed AS (
         SELECT job_type AS type, count(*) AS failed FROM jobs
         WHERE status IN ('DONE', 'FAILED') AND status = 'FAILED'
           AND coalesce(finished_at, updated_at) > now() - interval '24 hours' GROUP BY job_type),
     type AS (SELECT unnest($1::text[]) AS type UNION SELECT type FROM unfinished UNION SELECT type FROM failed)
SELECT left(type, 60) AS type, coalesce(due, 0) AS due, coalesce(retrying, 0) AS retrying, coalesce(later, 0) AS later,
       coalesce(running, 0) AS running, oldest_s, coalesce(failed, 0) AS failed, s.key IS NOT NULL AS is_paused,
       ms_until(s.expires_at) AS paused_ms
FROM type LEFT JOIN unfinished USING (type) LEFT JOIN failed USING (type)
LEFT JOIN settings s ON s.key = 'queue.pause.' || type AND s.value = 'true'
    AND (s.expires_at IS NULL OR s.expires_at > now())
ORDER BY job_priority(type), type LIMIT 100
