-- How much is published in a room of `rooms`, and when last.
       (SELECT coalesce(sum(posts), 0)::bigint FROM room_post_counts WHERE room_id = rooms.id) AS posts_count,
       (SELECT created_at FROM posts WHERE room_id = rooms.id AND status = 'PUBLISHED'
        ORDER BY created_at DESC, id DESC LIMIT 1) AS last_post_at
