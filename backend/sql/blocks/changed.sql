-- The networks that are blocked, if they have changed since the reader's version. Every API process
-- asks a few times a second.
-- $1 bigint version that the reader has; 0: none
-- Rows: version bigint, cidr text (null: no network is blocked), expires_in_ms bigint (null:
--       never); none if nothing changed
-- The limit of 100,000 rows bounds the memory of a reader.
SELECT v.version, b.cidr::text AS cidr,
       ms_until(b.expires_at) AS expires_in_ms
FROM blocked_addresses_version v
LEFT JOIN blocked_addresses b ON b.expires_at IS NULL OR b.expires_at > statement_timestamp()
WHERE v.version <> $1::bigint
LIMIT 100000
