-- Locks the choice of slugs, so that the statement after it sees every slug that is taken.
-- writes
-- Locks an advisory lock until the end of the transaction: one publishes at a time.
SELECT pg_advisory_xact_lock(hashtextextended('personaworlds.profile_slugs', 0))
