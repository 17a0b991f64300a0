-- How long a worker may sleep.
-- $1 bigint[] low-water marks of priority 0 to 3, µs since 1970, as in jobs/claim
-- One row: due_in_ms bigint until the next waiting job is due, 0 where one is, null without any; a type that is paused doesn't count
-- Four reads of the first entry of an index. Leases are the poll's.
WITH next AS (
         SELECT min(first) AS at FROM (VALUES (0::smallint), (1), (2), (3)) urgency(priority)
         CROSS JOIN LATERAL (
             SELECT min(available_at) AS first FROM jobs
             WHERE status = 'PENDING' AND priority = urgency.priority
               AND available_at >= timestamptz 'epoch' + ($1::bigint[])[urgency.priority + 1] * interval '1 microsecond') due
         WHERE urgency.priority <> ALL ((SELECT paused_priorities())::int[]))
SELECT CASE WHEN at > statement_timestamp() THEN ceil(extract(epoch FROM at - statement_timestamp()) * 1000) WHEN at IS NOT NULL THEN 0 END::bigint
       AS due_in_ms
FROM next
