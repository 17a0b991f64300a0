-- A page of a room: published posts and the caller's own drafts, newest first.
-- $1 uuid caller   $2 uuid room   $3 int limit
-- $4 bigint, $5 uuid cursor: microseconds since 1970 and id of the last post seen, or null
-- 200 {posts: [ListedPost], next_cursor: "<$4>-<$5>" of the last post, "" at the end}
-- 401 invalid token | 404 room not found
-- Each half reads its index from the cursor on and stops after the largest page, however big the
-- room is. With $3 as the limit there the planner would expect far more rows and plan anew at each
-- call.

-- verdict
SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 404 END,
       CASE WHEN u.id IS NULL THEN 'invalid token' ELSE 'room not found' END
FROM (VALUES (1)) one LEFT JOIN users u ON u.id = $1::uuid LEFT JOIN rooms r ON r.id = $2::uuid
WHERE u.id IS NULL OR r.id IS NULL

-- posts[]: page of $3 by created_at, id
WITH cursor AS (
         SELECT CASE WHEN $4::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $4::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id)
SELECT p.id, p.room_id, r.name AS room_name, p.persona_id, a.name AS persona_name, p.authored_by, p.status,
       topic_shown(p.topic, p.topic_rule, p.content, r.name) AS topic, t.id AS "template.id",
       t.name AS "template.name", p.content, p.user_id = $1::uuid AS mine,
       least(100, coalesce(p.replies_count, count_replies(p.id))) AS replies_count,
       p.created_at, p.updated_at
FROM ((SELECT * FROM posts
       WHERE room_id = $2::uuid AND status = 'PUBLISHED'
         AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
       ORDER BY created_at DESC, id DESC LIMIT 101)
      UNION ALL
      (SELECT * FROM posts
       WHERE user_id = $1::uuid AND room_id = $2::uuid AND status = 'DRAFT'
         AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
       ORDER BY created_at DESC, id DESC LIMIT 101)) p
JOIN rooms r ON r.id = p.room_id
LEFT JOIN personas a ON a.id = p.persona_id
LEFT JOIN templates t ON t.id = p.template_id AND (t.is_public OR t.owner_user_id = $1::uuid)
ORDER BY p.created_at DESC, p.id DESC LIMIT $3::int + 1
