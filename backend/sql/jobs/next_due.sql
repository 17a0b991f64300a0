-- The time when the next job of each priority is due. Above the worker's marks it says how long the
-- worker may sleep; with marks of zero, at the poll, what waits below them.
-- slow lane: it reads the dead rows that a long transaction keeps
-- $1 bigint[] low-water marks of priority 0 to 5, as in jobs/claim
-- Rows: priority int, due_in_ms bigint (0: it is due), due_us bigint since 1970 (0: before 1970);
--       none for a priority that is paused or has no waiting job
-- Six reads of the first entry of an index. The poll takes care of leases.
-- The last times that timestamptz knows have no bigint of microseconds, hence the bound.
SELECT urgency.priority::int,
       greatest(ceil(extract(epoch FROM due.first - statement_timestamp()) * 1000), 0)::bigint AS due_in_ms,
       greatest(extract(epoch FROM due.first) * 1000000, 0)::bigint AS due_us
FROM (VALUES (0::smallint), (1), (2), (3), (4), (5)) urgency(priority)
CROSS JOIN LATERAL (
    SELECT least(min(available_at), timestamptz '9999-12-31Z') AS first FROM jobs
    WHERE status = 'PENDING' AND priority = urgency.priority
      AND available_at >= coalesce(
              timestamptz 'epoch'
              + nullif(($1::bigint[])[urgency.priority + 1], 0) * interval '1 microsecond', '-infinity')) due
WHERE due.first IS NOT NULL AND urgency.priority <> ALL ((SELECT paused_priorities())::int[])
