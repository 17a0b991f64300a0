-- Gives a reserved quota unit back, and the idempotency key that it holds; one whose text is stored
-- stays. The calls that were made stay on the user's account.
-- writes
-- $1 bigint reservation   $2 int calls of the model that were made
-- No rows.
WITH kept AS (
         UPDATE quota_events SET persona_id = NULL, quota_type = 'call', calls = $2::int, expires_at = NULL
         WHERE id = $1::bigint AND expires_at IS NOT NULL AND $2::int > 0),
     freed AS (DELETE FROM idempotency_keys WHERE unit = $1::bigint AND status IS NULL)
DELETE FROM quota_events WHERE id = $1::bigint AND expires_at IS NOT NULL AND $2::int = 0
