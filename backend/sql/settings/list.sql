-- The levers that are set, and those that ended within the last minute, for an operator.
-- Rows: key text, value text, version bigint (different after each change), expires_in_ms bigint
--       (null: never; 0: expired), expires_at text (RFC 3339), since text (RFC 3339)
SELECT key, left(value, 128) AS value, xmin::text::bigint AS version,
       ms_until(expires_at) AS expires_in_ms,
       to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at,
       to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM settings
WHERE expires_at IS NULL OR expires_at > statement_timestamp() - interval '1 minute'
ORDER BY key LIMIT 1000
