-- A post with its replies, oldest first, and the stored summary.
-- $1 uuid caller or null   $2 uuid post
-- 200 {post, replies: [Reply], ai_summary, ai_summary_status}, with the third
--     column summary_state text: fresh, stale or unavailable
-- 401 invalid token | 403 not allowed | 404 post not found
WITH post AS (
         SELECT p.id, p.user_id, p.status, p.updated_at, post_json(p, a.name) AS body
         FROM posts p LEFT JOIN personas a ON a.id = p.persona_id WHERE p.id = $2::uuid),
     thread AS (
         SELECT coalesce(json_agg(reply_json(r, a.name) ORDER BY r.created_at, r.id), '[]') AS replies, count(*) AS n,
                max(r.updated_at) AS changed
         FROM replies r LEFT JOIN personas a ON a.id = r.persona_id WHERE r.post_id = $2::uuid),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE $1::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = $1::uuid)
         UNION ALL SELECT 404, 'post not found' WHERE NOT EXISTS (SELECT FROM post)
         UNION ALL SELECT 403, 'not allowed' FROM post WHERE status = 'DRAFT' AND user_id IS DISTINCT FROM $1::uuid
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     answer AS (
         SELECT post.body AS post, replies, coalesce(s.summary, 'Thread summary unavailable right now.') AS ai_summary,
                CASE WHEN s.version IS NULL THEN 'unavailable'
                     WHEN s.version = thread_version(post.updated_at, n, changed) THEN 'fresh' ELSE 'stale' END
                AS ai_summary_status
         FROM post CROSS JOIN thread LEFT JOIN thread_summaries s ON s.post_id = post.id
         WHERE (SELECT status FROM verdict) = 200)
SELECT status, coalesce(error, row_to_json(answer)::text) AS body, ai_summary_status AS summary_state
FROM verdict LEFT JOIN answer ON true
