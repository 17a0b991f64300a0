-- Unfinished jobs whose times can't be true, as after a clock that was set back or a row written
-- by hand. A lease lasts an hour and a quarter of a minute at most (WORKER_TASK_TIMEOUT's bound);
-- no job is made for later than a week from now.
-- One row: leases bigint, lease_seconds double precision: from now to the last of them, due bigint,
--          due_seconds double precision, made bigint: created in the future
SELECT count(*) FILTER (WHERE is_leased) AS leases,
       coalesce(max(extract(epoch FROM lease_until - now())) FILTER (WHERE is_leased AND isfinite(lease_until)), 0)
           ::double precision AS lease_seconds,
       count(*) FILTER (WHERE is_late) AS due,
       coalesce(max(extract(epoch FROM available_at - now())) FILTER (WHERE is_late AND isfinite(available_at)), 0)
           ::double precision AS due_seconds,
       count(*) FILTER (WHERE created_at > now() + interval '1 minute') AS made
FROM (SELECT lease_until, available_at, created_at,
             coalesce(status = 'PROCESSING' AND lease_until > now() + interval '61 minutes', false) AS is_leased,
             status = 'PENDING' AND available_at > now() + interval '8 days' AS is_late
      FROM jobs WHERE status IN ('PENDING', 'PROCESSING')) unfinished
