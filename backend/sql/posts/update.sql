-- Changes the text of the caller's draft.
-- writes
-- $1 uuid caller   $2 uuid post   $3 text content
-- 200 Post | 401 invalid token | 403 not allowed | 404 post not found
-- 409 only drafts can be edited
-- Locks the post row: a draft that is approved or deleted meanwhile isn't changed after that.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     post AS (SELECT id, user_id, status FROM posts WHERE id = $2::uuid FOR UPDATE),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'post not found' WHERE NOT EXISTS (SELECT FROM post)
         UNION ALL SELECT 403, 'not allowed' FROM post WHERE user_id <> $1::uuid
         UNION ALL SELECT 409, 'only drafts can be edited' FROM post WHERE status <> 'DRAFT'
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     changed AS (
         UPDATE posts SET content = $3::text, updated_at = now()
         WHERE id = $2::uuid AND (SELECT status FROM verdict) = 200
         RETURNING posts AS post)
SELECT status, coalesce(error, body::text) AS body FROM verdict LEFT JOIN changed ON true
LEFT JOIN LATERAL post_answer(changed.post, $1::uuid) ON true
