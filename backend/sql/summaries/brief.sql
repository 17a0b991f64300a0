-- What the model is told for a thread's summary.
-- $1 uuid post
-- 200 brief {room, post, replies}: the last 100 replies, oldest first; with the third column version text
-- 204 where the stored summary is of this very version: nobody pays for it twice | 404 post not found
WITH post AS (
         SELECT p.updated_at, json_build_object('content', p.content, 'author', a.name) AS brief,
                json_build_object('name', r.name, 'description', r.description) AS room
         FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN personas a ON a.id = p.persona_id WHERE p.id = $1::uuid),
     thread AS (
         SELECT coalesce(json_agg(json_build_object('author', a.name, 'content', last.content) ORDER BY last.created_at, last.id), '[]') AS replies
         FROM (SELECT * FROM replies WHERE post_id = $1::uuid ORDER BY created_at DESC, id DESC LIMIT 100) last
         LEFT JOIN personas a ON a.id = last.persona_id),
     state AS (
         SELECT thread_version((SELECT updated_at FROM post), count(*), max(updated_at)) AS version FROM replies WHERE post_id = $1::uuid)
SELECT CASE WHEN EXISTS (SELECT FROM thread_summaries s WHERE s.post_id = $1::uuid AND s.version = state.version) THEN 204 ELSE 200 END AS status,
       json_build_object('room', room, 'post', brief, 'replies', replies)::text AS body, version
FROM post, thread, state
UNION ALL
SELECT 404, 'post not found', NULL WHERE NOT EXISTS (SELECT FROM post)
