-- A room.
-- $1 uuid caller   $2 uuid room
-- 200 Room | 401 invalid token | 404 room not found

-- verdict
SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 404 END,
       CASE WHEN u.id IS NULL THEN 'invalid token' ELSE 'room not found' END
FROM (VALUES (1)) one LEFT JOIN users u ON u.id = $1::uuid LEFT JOIN rooms r ON r.id = $2::uuid
WHERE u.id IS NULL OR r.id IS NULL

-- .
SELECT id, slug, name, description, created_at,
-- include shapes/room_posts
FROM rooms WHERE id = $2::uuid
