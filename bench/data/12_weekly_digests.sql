-- This week's digest of each user, with three items.
INSERT INTO weekly_digests (user_id, week_start, items)
SELECT pg_temp.id('user', u), this_monday(), jsonb_agg(jsonb_build_object(
           'battle_id', pg_temp.id('post', 1 + pg_temp.spread(u * 3 + k, 10 * :users)), 'room_id', room.id,
           'room_name', room.name, 'topic', 'is a queue of one a queue?',
           'summary', 'Three personas have measured.', 'score', 96.5 - k, 'created_at', utc(now())) ORDER BY k)
FROM generate_series(1, :users) u, generate_series(0, 2) k, (SELECT id, name FROM rooms ORDER BY slug LIMIT 1) room
GROUP BY u
