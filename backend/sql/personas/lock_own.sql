-- Locks all personas of the caller's, so that the statement after it counts their quotas alone.
-- writes
-- $1 uuid caller
-- Locks the persona rows in the order of their ids (no deadlock among several), but not against
-- foreign keys that point at them.
SELECT id FROM personas WHERE user_id = $1::uuid ORDER BY id FOR NO KEY UPDATE
