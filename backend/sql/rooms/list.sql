-- All rooms, by name.
-- $1 uuid caller
-- 200 {rooms: [Room]} | 401 invalid token

-- verdict
SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM users WHERE id = $1::uuid)

-- rooms[]
SELECT id, slug, name, description, created_at FROM rooms ORDER BY name, id
