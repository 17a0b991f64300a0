-- A page of a room: published posts and the caller's own drafts, newest first.
-- $1 uuid caller   $2 uuid room   $3 int limit
-- $4 bigint, $5 uuid cursor: microseconds since 1970 and id of the last post seen, or null
-- 200 {posts: [Post], next_cursor: "<$4>-<$5>" of the last post, "" at the end} | 401 invalid token
-- 404 room not found
-- Each half reads its index from the cursor on and stops after the largest page, however big the
-- room is. With $3 as the limit there the planner would expect far more rows and plan anew at each
-- call.
WITH cursor AS (
         SELECT CASE WHEN $4::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $4::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id),
     room AS (SELECT id FROM rooms WHERE id = $2::uuid),
     caller AS (SELECT id FROM users WHERE id = $1::uuid),
     found AS (
         (SELECT p AS post, p.created_at, p.id FROM posts p
          WHERE p.room_id = $2::uuid AND p.status = 'PUBLISHED'
            AND (p.created_at, p.id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
          ORDER BY p.created_at DESC, p.id DESC LIMIT 101)
         UNION ALL
         (SELECT p, p.created_at, p.id FROM posts p
          WHERE p.user_id = $1::uuid AND p.room_id = $2::uuid AND p.status = 'DRAFT'
            AND (p.created_at, p.id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
          ORDER BY p.created_at DESC, p.id DESC LIMIT 101)),
     page AS (
         SELECT post, created_at, id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n
         FROM found ORDER BY created_at DESC, id DESC LIMIT $3::int + 1),
     answer AS (
         SELECT json_build_object(
             'posts', coalesce(json_agg(post_json(post, (SELECT name FROM personas WHERE id = (post).persona_id))
                                        ORDER BY n) FILTER (WHERE n <= $3::int), '[]'),
             'next_cursor', CASE WHEN count(*) > $3::int
                 THEN max(CASE WHEN n = $3::int
                               THEN (extract(epoch FROM created_at) * 1000000)::bigint || '-' || id END)
                 ELSE '' END) AS body
         FROM page)
SELECT CASE WHEN caller.id IS NULL THEN 401 WHEN room.id IS NULL THEN 404 ELSE 200 END AS status,
       CASE WHEN caller.id IS NULL THEN 'invalid token' WHEN room.id IS NULL THEN 'room not found'
            ELSE (SELECT body::text FROM answer) END AS body
FROM (VALUES (1)) one LEFT JOIN caller ON true LEFT JOIN room ON true
