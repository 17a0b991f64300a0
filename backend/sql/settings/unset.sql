-- Unsets a lever: the configured value is in force again.
-- writes
-- $1 text key
-- Rows: one where the lever was set and its time wasn't over
WITH unset AS (DELETE FROM settings WHERE key = $1::text RETURNING expires_at)
SELECT true AS was_set FROM unset WHERE expires_at IS NULL OR expires_at > statement_timestamp()
