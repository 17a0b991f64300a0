-- Ends the leases of workers that are gone, so that any worker may take their jobs. A worker is
-- gone if its lock has been free for a while.
-- writes
-- $1 int worker that asks   $2 bigint ms that a lock may be free: a broken session comes back
-- $3 bigint ms that some worker must have been here: after a start of the server, and after a
-- failover to another one, all sessions come back
-- Rows: name text, leases bigint: of those that had any
-- Rows of workers long gone are deleted. The jobs are a subquery, so that they are read for a
-- worker that is gone, and never to find one: that would read the dead rows that a long transaction
-- keeps, many times a second.
-- How long sessions have had to come back shows the oldest one that is here. The server's own start
-- wouldn't: a standby that was promoted has run for long.
WITH here AS MATERIALIZED (
         SELECT min(w.appeared_at) AS since FROM workers w
         JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.classid = worker_lock()::oid
             AND l.objid = w.id::oid
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())),
     absent AS MATERIALIZED (
         SELECT id, name, missing_since FROM workers
         WHERE id <> $1::int
           AND (SELECT since FROM here) < statement_timestamp() - $3::bigint * interval '1 millisecond'
           AND pg_try_advisory_xact_lock_shared(worker_lock(), id)),
     noticed AS (
         UPDATE workers w SET missing_since = statement_timestamp() FROM absent a
         WHERE w.id = a.id AND a.missing_since IS NULL),
     forgotten AS (
         DELETE FROM workers w USING absent a
         WHERE w.id = a.id AND a.missing_since < statement_timestamp() - interval '1 minute'),
     orphans AS MATERIALIZED (
         SELECT j.id, a.name FROM absent a
         CROSS JOIN LATERAL (
             SELECT id FROM jobs
             WHERE worker_id = a.id AND status = 'PROCESSING'
               AND coalesce(lease_until, locked_at, created_at) > statement_timestamp()
             FOR NO KEY UPDATE SKIP LOCKED) j
         WHERE a.missing_since < statement_timestamp() - $2::bigint * interval '1 millisecond'),
     ended AS (
         UPDATE jobs j SET lease_until = statement_timestamp() - interval '1 microsecond' FROM orphans o
         WHERE j.id = o.id RETURNING o.name)
SELECT name, count(*) AS leases FROM ended GROUP BY name
