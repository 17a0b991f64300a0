-- Holds users' rows against their deletion, which locks them before all that belongs to them: no deadlocks.
-- writes
-- $1 uuid[] users
SELECT id FROM users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE
