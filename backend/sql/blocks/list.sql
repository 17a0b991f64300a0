-- The networks that are blocked, for an operator.
-- Rows: cidr text, since text (RFC 3339), expires_in_ms bigint (null: never), reason text
SELECT cidr::text AS cidr, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
       ms_until(expires_at) AS expires_in_ms,
       left(reason, 200) AS reason
FROM blocked_addresses WHERE expires_at IS NULL OR expires_at > statement_timestamp()
ORDER BY blocked_addresses.cidr
