-- The networks that are blocked, where they aren't what the reader has: every API process looks a few times a second.
-- $1 bigint version that the reader has; 0: none
-- Rows: none where nothing changed; else version bigint, cidr text, expires_in_ms bigint (null: never); cidr is null where none is blocked
-- At most 100,000: memory is bounded.
SELECT v.version, b.cidr::text AS cidr, ceil(extract(epoch FROM b.expires_at - statement_timestamp()) * 1000)::bigint AS expires_in_ms
FROM blocked_addresses_version v LEFT JOIN blocked_addresses b ON b.expires_at IS NULL OR b.expires_at > statement_timestamp()
WHERE v.version <> $1::bigint
LIMIT 100000
