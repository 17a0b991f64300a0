-- Locks a persona, so that the statement after it counts the persona's quota alone and can't meet the persona's deletion half-way.
-- $1 uuid persona
-- Locks the persona row, but not against foreign keys that point at it.
SELECT id FROM personas WHERE id = $1::uuid FOR NO KEY UPDATE
