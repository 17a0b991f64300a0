-- The text on a battle's card.
-- $1 uuid battle   $2 text looks of cards   $3 text origin of the pages
-- 200 brief (domain/brief.h) of the post and its first 50 replies, with the columns etag text and
--     replies bigint: the number of all replies
-- 404 battle not found
-- etag is the battle's id and a hash of everything that the picture depends on, and of the time
-- when the thread changed.
WITH battle AS (
         SELECT p.id, p.updated_at,
                json_build_object('content', left(p.content, 2000), 'author', left(a.name, 200),
                                  'language', a.preferred_language) AS post,
                left(r.name, 200) AS room
         FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN personas a ON a.id = p.persona_id
         WHERE p.id = $1::uuid AND p.status = 'PUBLISHED'),
     thread AS (SELECT count(*) AS n, max(updated_at) AS changed FROM replies WHERE post_id = $1::uuid),
     said AS (
         SELECT coalesce(json_agg(json_build_object('author', left(a.name, 200), 'content', left(r.content, 400),
                                                     'language', a.preferred_language)
                                  ORDER BY r.created_at, r.id), '[]') AS replies
         FROM (SELECT id, persona_id, content, created_at FROM replies
               WHERE post_id = $1::uuid ORDER BY created_at, id LIMIT 50) r
         LEFT JOIN personas a ON a.id = r.persona_id),
     card AS (
         SELECT id, n, json_build_object('room', json_build_object('name', room), 'post', post,
                                         'replies', replies)::text AS brief,
                thread_version(updated_at, n, changed) AS version
         FROM battle CROSS JOIN thread CROSS JOIN said)
SELECT 200 AS status, brief AS body,
       id || '-' || left(encode(sha256(convert_to(concat_ws(' ', $2::text, $3::text, version, brief), 'UTF8')), 'hex'),
                         16) AS etag,
       n AS replies
FROM card
UNION ALL
SELECT 404, 'battle not found', NULL, NULL WHERE NOT EXISTS (SELECT FROM card)
