-- no transaction
-- The posts from before 049_room_post_counts.sql. One statement sees posts and counts at one
-- moment, so what is published meanwhile is counted once, and nobody waits. Run again, it changes
-- nothing.
INSERT INTO room_post_counts (room_id, part, posts)
SELECT r.id, 8, count(p.id) - coalesce((SELECT sum(posts) FROM room_post_counts WHERE room_id = r.id), 0)
FROM rooms r LEFT JOIN posts p ON p.room_id = r.id AND p.status = 'PUBLISHED' GROUP BY r.id
ON CONFLICT (room_id, part) DO NOTHING;
