-- The briefs of the model for replies, or why no reply is to be made.
-- $1 bigint[] jobs   $2 uuid[] posts   $3 uuid[] personas
-- Rows: job bigint, status int, body text
-- 200 brief {persona, room, post, replies, template}: the last 50 replies, oldest first
-- 204 null: that persona has replied
-- 404 persona not found | 404 post not found | 409 post is not published
-- 413 brief is longer than 4 MB | 429 daily reply quota reached
-- A private template serves its owner's personas alone: what others write could tell it.
SELECT g.job_id AS job, CASE WHEN size.is_too_long THEN 413 ELSE found.status END AS status,
       CASE WHEN size.is_too_long THEN 'brief is longer than 4 MB' ELSE found.body END AS body
FROM unnest($1::bigint[], $2::uuid[], $3::uuid[]) AS g(job_id, post_id, persona_id)
CROSS JOIN LATERAL (
    WITH verdict(status, error) AS (
             SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM personas WHERE id = g.persona_id)
             UNION ALL SELECT 404, 'post not found' WHERE NOT EXISTS (SELECT FROM posts WHERE id = g.post_id)
             UNION ALL SELECT 204, NULL FROM replies WHERE post_id = g.post_id AND persona_id = g.persona_id
             UNION ALL SELECT 409, 'post is not published' FROM posts WHERE id = g.post_id AND status <> 'PUBLISHED'
             UNION ALL SELECT 429, 'daily reply quota reached' FROM personas p
                 WHERE p.id = g.persona_id AND p.daily_reply_quota <= (
                     SELECT count(*) FROM quota_events q WHERE q.persona_id = g.persona_id AND q.quota_type = 'reply'
                       AND q.created_at >= date_trunc('day', statement_timestamp(), 'UTC')
                       AND (q.expires_at IS NULL OR q.expires_at > statement_timestamp()))
             UNION ALL SELECT 200, NULL
             LIMIT 1)
    SELECT verdict.status,
           CASE WHEN verdict.status = 200 THEN (
               SELECT json_build_object(
                          'persona', persona_brief(me),
                          'room', json_build_object('name', r.name, 'description', r.description),
                          'post', json_build_object('content', p.content, 'author', a.name),
                          'replies', (
                              SELECT coalesce(json_agg(json_build_object(
                                         'author', (SELECT name FROM personas WHERE id = last.persona_id),
                                         'content', last.content) ORDER BY last.created_at, last.id), '[]')
                              FROM (SELECT * FROM replies WHERE post_id = g.post_id
                                    ORDER BY created_at DESC, id DESC LIMIT 50) last),
                          'template', CASE WHEN t.id IS NOT NULL THEN json_build_object(
                              'name', t.name, 'prompt_rules', t.prompt_rules,
                              'turn_count', t.turn_count, 'word_limit', t.word_limit) END)::text
               FROM personas me JOIN posts p ON p.id = g.post_id JOIN rooms r ON r.id = p.room_id
               LEFT JOIN personas a ON a.id = p.persona_id
               LEFT JOIN templates t ON t.id = p.template_id AND (t.is_public OR t.owner_user_id = me.user_id)
               WHERE me.id = g.persona_id) ELSE error END AS body
    FROM verdict) found
CROSS JOIN LATERAL (SELECT octet_length(found.body) > 4000000 AS is_too_long) size
