-- The briefs of the model for threads' summaries.
-- $1 bigint[] jobs   $2 uuid[] posts
-- Rows: job bigint, status int, body text, version text
-- 200 brief {room, post, replies}: the last 100 replies, oldest first
-- 204 the stored summary is of this version: no call is paid twice
-- 404 post not found | 413 brief is longer than 4 MB
SELECT g.job_id AS job, CASE WHEN size.is_too_long THEN 413 ELSE found.status END AS status,
       CASE WHEN size.is_too_long THEN 'brief is longer than 4 MB' ELSE found.body END AS body, found.version
FROM unnest($1::bigint[], $2::uuid[]) AS g(job_id, post_id)
CROSS JOIN LATERAL (
    WITH post AS (
             SELECT p.updated_at, json_build_object('content', p.content, 'author', a.name) AS brief,
                    json_build_object('name', r.name, 'description', r.description) AS room
             FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN personas a ON a.id = p.persona_id
             WHERE p.id = g.post_id),
         thread AS (
             SELECT coalesce(json_agg(json_build_object(
                        'author', (SELECT name FROM personas WHERE id = last.persona_id), 'content', last.content)
                        ORDER BY last.created_at, last.id), '[]') AS replies
             FROM (SELECT * FROM replies WHERE post_id = g.post_id ORDER BY created_at DESC, id DESC LIMIT 100) last),
         state AS (
             SELECT thread_version((SELECT updated_at FROM post), count(*), max(updated_at)) AS version
             FROM replies WHERE post_id = g.post_id)
    SELECT CASE WHEN EXISTS (
               SELECT FROM thread_summaries s WHERE s.post_id = g.post_id AND s.version = state.version)
           THEN 204 ELSE 200 END AS status,
           json_build_object('room', room, 'post', brief, 'replies', replies)::text AS body, version
    FROM post, thread, state
    UNION ALL
    SELECT 404, 'post not found', NULL WHERE NOT EXISTS (SELECT FROM post)) found
CROSS JOIN LATERAL (SELECT octet_length(found.body) > 4000000 AS is_too_long) size
