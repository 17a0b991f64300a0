-- How long a worker may sleep.
-- One row: due_in_ms bigint until the next waiting job is due or the next lease is over; 0 where one is, null without any
-- Five reads of the first entry of an index.
SELECT ceil(greatest(extract(epoch FROM least(
           (SELECT min(first) FROM (VALUES (0::smallint), (1), (2), (3)) urgency(priority)
            CROSS JOIN LATERAL (SELECT min(available_at) AS first FROM jobs WHERE status = 'PENDING' AND priority = urgency.priority) due),
           (SELECT min(coalesce(lease_until, locked_at, created_at)) FROM jobs WHERE status = 'PROCESSING')
       ) - statement_timestamp()), 0) * 1000)::bigint AS due_in_ms
