-- All rooms, by name.
-- $1 uuid caller
-- 200 {rooms: [Room]} | 401 invalid token
-- The newest post's time is a look at the end of an index (posts_published_in_room).

-- include verdicts/caller

-- rooms[]
SELECT id, slug, name, description, created_at,
-- include shapes/room_posts
FROM rooms ORDER BY name, id
