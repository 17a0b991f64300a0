-- Says that a worker is there: its session holds a lock as long as it lives.
-- writes
-- $1 int worker   $2 text name
-- Waits where the worker's last session isn't known to be over yet.
WITH held AS MATERIALIZED (SELECT pg_advisory_lock(worker_lock(), $1::int))
INSERT INTO workers (id, name) SELECT $1::int, $2::text FROM held
ON CONFLICT (id) DO UPDATE SET name = excluded.name, missing_since = NULL, appeared_at = now()
