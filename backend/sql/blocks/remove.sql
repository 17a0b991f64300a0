-- Ends a network's block.
-- writes
-- $1 cidr network
-- Rows: one where it was blocked and the block's time wasn't over
WITH removed AS (DELETE FROM blocked_addresses WHERE cidr = $1::cidr RETURNING expires_at)
SELECT true AS was_blocked FROM removed WHERE expires_at IS NULL OR expires_at > statement_timestamp()
