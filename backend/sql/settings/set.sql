-- Sets a lever for all processes, for a while or until it is unset.
-- writes
-- $1 text key   $2 text value   $3 bigint for how long, ms; null: until it is unset
-- One row: expires_at text (RFC 3339), null: never
-- Rows that ended long ago are deleted.
WITH cleared AS (DELETE FROM settings WHERE expires_at < statement_timestamp() - interval '1 hour' AND key <> $1::text)
INSERT INTO settings (key, value, expires_at, updated_at)
VALUES ($1::text, $2::text, statement_timestamp() + $3::bigint * interval '1 millisecond', statement_timestamp())
ON CONFLICT (key) DO UPDATE
    SET value = excluded.value, expires_at = excluded.expires_at, updated_at = excluded.updated_at
RETURNING to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at
