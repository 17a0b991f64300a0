-- One process migrates at a time. Answers t or f at once: a session that waits for a lock inside Postgres holds a snapshot, which
-- writes
-- CREATE INDEX CONCURRENTLY in the session that has the lock would wait for. The lock ends with its session.
SELECT pg_try_advisory_lock(hashtextextended('personaworlds migrations', 0))
