-- Takes the lock of migrations: one process migrates at a time.
-- writes
-- One row: t or f, at once. A session that waits for a lock inside Postgres holds a snapshot, for
-- which CREATE INDEX CONCURRENTLY in the session that has the lock would wait.
-- The lock ends with its session.
SELECT pg_try_advisory_lock(hashtextextended('personaworlds migrations', 0))
