-- Locks a persona of the caller's, so that the statement after it counts the persona's quota alone.
-- writes
-- $1 uuid caller   $2 uuid persona
-- Locks the persona row, but not against foreign keys that point at it.
SELECT id FROM personas WHERE id = $2::uuid AND user_id = $1::uuid FOR NO KEY UPDATE
