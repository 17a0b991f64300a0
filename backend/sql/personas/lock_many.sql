-- Locks the personas of a statement over many jobs, in the order of their ids: no deadlocks.
-- writes
-- $1 uuid[] personas; nulls are no personas
-- Locks the persona rows, but not against foreign keys that point at them.
SELECT id FROM personas WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
