-- Locks the caller's row, so that the statement after it counts what is the caller's alone.
-- writes
-- $1 uuid caller
-- Locks the user row, but not against foreign keys that point at it.
SELECT id FROM users WHERE id = $1::uuid FOR NO KEY UPDATE
