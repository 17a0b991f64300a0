-- A post with a page of its replies, oldest first, 200 a page, and the stored summary.
-- $1 uuid caller or null   $2 uuid post
-- $3 bigint, $4 uuid cursor: microseconds since 1970 and id of the last reply seen, or null
-- 200 {post, replies: [Reply], next_cursor: "<$3>-<$4>" of the last reply, "" at the end,
--     ai_summary, ai_summary_status}, which is fresh, stale or unavailable
-- 401 invalid token | 403 not allowed | 404 post not found

-- verdict
SELECT CASE WHEN u.id IS NULL AND $1::uuid IS NOT NULL THEN 401 WHEN p.id IS NULL THEN 404 ELSE 403 END,
       CASE WHEN u.id IS NULL AND $1::uuid IS NOT NULL THEN 'invalid token'
            WHEN p.id IS NULL THEN 'post not found' ELSE 'not allowed' END
FROM (VALUES (1)) one
LEFT JOIN users u ON u.id = $1::uuid
LEFT JOIN posts p ON p.id = $2::uuid
WHERE (u.id IS NULL AND $1::uuid IS NOT NULL) OR p.id IS NULL
   OR (p.status = 'DRAFT' AND p.user_id IS DISTINCT FROM $1::uuid)

-- .
SELECT p.id AS "post.id", p.room_id AS "post.room_id", p.persona_id AS "post.persona_id",
       a.name AS "post.persona_name", p.authored_by AS "post.authored_by", p.status AS "post.status",
       p.content AS "post.content", p.created_at AS "post.created_at", p.updated_at AS "post.updated_at",
       coalesce(s.summary, 'Thread summary unavailable right now.') AS ai_summary,
       CASE WHEN s.version IS NULL THEN 'unavailable'
            WHEN s.version = thread_version(p.updated_at, t.replies, t.changed) THEN 'fresh'
            ELSE 'stale' END AS ai_summary_status
FROM posts p
CROSS JOIN (SELECT count(*) AS replies, max(updated_at) AS changed FROM replies WHERE post_id = $2::uuid) t
LEFT JOIN personas a ON a.id = p.persona_id
LEFT JOIN thread_summaries s ON s.post_id = p.id
WHERE p.id = $2::uuid

-- replies[]: page of 200 by created_at, id
WITH cursor AS (
         SELECT CASE WHEN $3::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
                     WHEN $3::bigint IS NULL THEN '-infinity' ELSE 'infinity' END AS at,
                coalesce($4::uuid, '00000000-0000-0000-0000-000000000000') AS id)
SELECT r.id, r.post_id, r.persona_id, a.name AS persona_name, r.authored_by, r.content, r.created_at, r.updated_at
FROM (SELECT * FROM replies
      WHERE post_id = $2::uuid AND (created_at, id) > ((SELECT at FROM cursor), (SELECT id FROM cursor))
      ORDER BY created_at, id LIMIT 201) r
LEFT JOIN personas a ON a.id = r.persona_id
ORDER BY r.created_at, r.id
