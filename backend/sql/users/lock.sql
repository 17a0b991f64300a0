-- Holds a user's row against its deletion, which locks it before all that belongs to the user: no deadlocks.
-- $1 uuid user
SELECT id FROM users WHERE id = $1::uuid FOR KEY SHARE
