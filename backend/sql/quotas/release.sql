-- Gives a reserved quota unit back; one whose text is stored stays.
-- writes
-- $1 bigint reservation
-- No rows.
DELETE FROM quota_events WHERE id = $1::bigint AND expires_at IS NOT NULL
