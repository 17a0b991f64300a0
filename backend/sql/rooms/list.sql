-- All rooms, by name.
-- $1 uuid caller
-- 200 {rooms: [Room]} | 401 invalid token

-- include verdicts/caller

-- rooms[]
SELECT id, slug, name, description, created_at FROM rooms ORDER BY name, id
