-- Gives a lever back: from now on what is configured counts.
-- writes
-- $1 text key
-- Rows: one where it was set and its time wasn't over
WITH unset AS (DELETE FROM settings WHERE key = $1::text RETURNING expires_at)
SELECT true AS was_set FROM unset WHERE expires_at IS NULL OR expires_at > statement_timestamp()
