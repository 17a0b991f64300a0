-- Announces a worker: its session holds a lock as long as the session lives.
-- writes
-- $1 int worker   $2 text name
-- Waits while the server still has the worker's last session.
WITH held AS MATERIALIZED (SELECT pg_advisory_lock(worker_lock(), $1::int))
INSERT INTO workers (id, name) SELECT $1::int, $2::text FROM held
ON CONFLICT (id) DO UPDATE SET name = excluded.name, missing_since = NULL, appeared_at = now()
