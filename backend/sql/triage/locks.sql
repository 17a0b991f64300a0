-- Sessions of this database that have waited more than a second for a lock of another session.
-- Rows: pid int, seconds double precision, blocker int: the session that has the lock, root
--       boolean: the blocker itself waits for no lock, blocker_state text, blocker_seconds double
--       precision: since its transaction began, statement text, application text: the waiter's,
--       blocker_statement text (the last one, where it is idle), blocker_application text
-- Of statements the beginning, without literals, since they may be a user's words.
SELECT waiting.pid,
       extract(epoch FROM clock_timestamp() - coalesce(lock.waitstart, waiting.query_start))::double precision
           AS seconds,
       blocker.pid AS blocker,
       cardinality(pg_blocking_pids(blocker.pid)) = 0 AS root, coalesce(blocker.state, 'hidden') AS blocker_state,
       extract(epoch FROM clock_timestamp() - blocker.xact_start)::double precision AS blocker_seconds,
       left(regexp_replace(regexp_replace(waiting.query, '''[^'']*(''|$)', '?', 'g'), '\s+', ' ', 'g'), 60)
           AS statement,
       coalesce(nullif(left(waiting.application_name, 40), ''), 'without a name') AS application,
       left(regexp_replace(regexp_replace(blocker.query, '''[^'']*(''|$)', '?', 'g'), '\s+', ' ', 'g'), 60)
           AS blocker_statement,
       coalesce(nullif(left(blocker.application_name, 40), ''), 'without a name') AS blocker_application
FROM pg_locks lock
JOIN pg_stat_activity waiting ON waiting.pid = lock.pid
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocking(pid)
JOIN pg_stat_activity blocker ON blocker.pid = blocking.pid
WHERE NOT lock.granted AND waiting.datname = current_database()
  AND coalesce(lock.waitstart, waiting.query_start) < clock_timestamp() - interval '1 second'
ORDER BY root DESC, seconds DESC LIMIT 20
