-- Blocks a network, for a while or until it is removed.
-- writes
-- $1 cidr network   $2 bigint for how long, ms; null: until it is removed   $3 text reason
-- One row: expires_at text (RFC 3339), null: never
-- Rows that ended long ago are deleted.
WITH cleared AS (DELETE FROM blocked_addresses
                 WHERE expires_at < statement_timestamp() - interval '1 hour' AND cidr <> $1::cidr)
INSERT INTO blocked_addresses (cidr, expires_at, created_at, reason)
VALUES ($1::cidr, statement_timestamp() + $2::bigint * interval '1 millisecond', statement_timestamp(), $3::text)
ON CONFLICT (cidr) DO UPDATE
    SET expires_at = excluded.expires_at, created_at = excluded.created_at, reason = excluded.reason
RETURNING to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at
