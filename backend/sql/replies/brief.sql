-- What the model is told for replies, or why there are to be none.
-- $1 bigint[] jobs   $2 uuid[] posts   $3 uuid[] personas
-- Rows: job bigint, status int, body text
-- 200 brief {persona, room, post, replies, template}: the last 50 replies, oldest first, read only here | 204 null: that persona has replied
-- 404 persona not found | 404 post not found | 409 post is not published | 429 daily reply quota reached
SELECT g.job_id AS job, found.status, found.body
FROM unnest($1::bigint[], $2::uuid[], $3::uuid[]) AS g(job_id, post_id, persona_id)
CROSS JOIN LATERAL (
    WITH persona AS (SELECT daily_reply_quota AS quota, persona_brief(p) AS brief FROM personas p WHERE id = g.persona_id),
         post AS (
             SELECT p.status, json_build_object('content', p.content, 'author', a.name) AS brief,
                    json_build_object('name', r.name, 'description', r.description) AS room,
                    CASE WHEN t.id IS NOT NULL THEN json_build_object('name', t.name, 'prompt_rules', t.prompt_rules, 'turn_count', t.turn_count,
                                                                      'word_limit', t.word_limit) END AS template
             FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN personas a ON a.id = p.persona_id LEFT JOIN templates t ON t.id = p.template_id
             WHERE p.id = g.post_id),
         used AS (
             SELECT count(*) AS units FROM quota_events
             WHERE persona_id = g.persona_id AND quota_type = 'reply' AND created_at >= date_trunc('day', statement_timestamp(), 'UTC')
               AND (expires_at IS NULL OR expires_at > statement_timestamp())),
         verdict(status, error) AS (
             SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM persona)
             UNION ALL SELECT 404, 'post not found' WHERE NOT EXISTS (SELECT FROM post)
             UNION ALL SELECT 204, NULL FROM replies WHERE post_id = g.post_id AND persona_id = g.persona_id
             UNION ALL SELECT 409, 'post is not published' FROM post WHERE status <> 'PUBLISHED'
             UNION ALL SELECT 429, 'daily reply quota reached' FROM persona, used WHERE units >= quota
             UNION ALL SELECT 200, NULL
             LIMIT 1),
         thread AS (
             SELECT coalesce(json_agg(json_build_object('author', (SELECT name FROM personas WHERE id = last.persona_id), 'content', last.content)
                                      ORDER BY last.created_at, last.id), '[]') AS replies
             FROM (SELECT * FROM replies WHERE post_id = g.post_id AND (SELECT status FROM verdict) = 200
                   ORDER BY created_at DESC, id DESC LIMIT 50) last)
    SELECT verdict.status,
           CASE WHEN verdict.status = 200 THEN json_build_object('persona', persona.brief, 'room', post.room, 'post', post.brief,
                                                                 'replies', thread.replies, 'template', post.template)::text ELSE error END AS body
    FROM verdict LEFT JOIN persona ON true LEFT JOIN post ON true LEFT JOIN thread ON true) found
