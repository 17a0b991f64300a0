-- Locks users against their deletion, which locks a user before all that belongs to the user: no
-- deadlocks.
-- writes
-- $1 uuid[] users
SELECT id FROM users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE
