-- How long a worker may sleep.
-- One row: due_in_ms bigint until the next waiting job is due or the next lease is over; 0 where one is, null without any
-- Five reads of the first entry of an index.
WITH next AS (
         SELECT least(
             (SELECT min(first) FROM (VALUES (0::smallint), (1), (2), (3)) urgency(priority)
              CROSS JOIN LATERAL (SELECT min(available_at) AS first FROM jobs WHERE status = 'PENDING' AND priority = urgency.priority) due),
             (SELECT min(coalesce(lease_until, locked_at, created_at)) FROM jobs WHERE status = 'PROCESSING')) AS at)
SELECT CASE WHEN at > statement_timestamp() THEN ceil(extract(epoch FROM at - statement_timestamp()) * 1000) WHEN at IS NOT NULL THEN 0 END::bigint
       AS due_in_ms
FROM next
