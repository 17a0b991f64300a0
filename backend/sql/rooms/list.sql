-- All rooms, by name.
-- $1 uuid caller
-- 200 {rooms: [Room]} | 401 invalid token
SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN u.id IS NULL THEN 'invalid token'
            ELSE json_build_object('rooms', (
                SELECT coalesce(json_agg(json_build_object(
                           'id', id, 'slug', slug, 'name', name, 'description', description,
                           'created_at', utc(created_at)) ORDER BY name, id), '[]')
                FROM rooms))::text END AS body
FROM (VALUES (1)) one LEFT JOIN users u ON u.id = $1::uuid
