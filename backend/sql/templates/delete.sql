-- Takes a step of the deletion of the caller's template: 200 posts that began by it lose it, and
-- with the last ones it goes itself. Until then it is private.
-- writes
-- $1 uuid caller   $2 uuid template
-- 200 {deleted}, with the third column is_done boolean: else the next step is to be taken
-- 401 invalid token | 403 not allowed | 404 template not found
-- A post costs half a millisecond, as each of its index entries is written anew, and there may be
-- very many. A built-in template is nobody's: 403.
-- Locks the template before its posts. A battle that begins by it locks it, too (battles/create):
-- it is done first as a whole, or doesn't find the template. A post that this statement doesn't see
-- yet loses the template by its foreign key.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     template AS (SELECT id, owner_user_id FROM templates WHERE id = $2::uuid FOR UPDATE),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 403, 'not allowed' FROM template WHERE owner_user_id IS NULL
         UNION ALL SELECT 404, 'template not found'
                   WHERE NOT EXISTS (SELECT FROM template WHERE owner_user_id = $1::uuid)
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     batch AS MATERIALIZED (
         SELECT id FROM posts WHERE template_id = $2::uuid AND (SELECT status FROM verdict) = 200 LIMIT 200),
     step AS (SELECT count(*) < 200 AS is_done FROM batch),
     unlinked AS (UPDATE posts SET template_id = NULL WHERE id IN (SELECT id FROM batch)),
     hidden AS (UPDATE templates SET is_public = false WHERE id = $2::uuid AND NOT (SELECT is_done FROM step)),
     gone AS (
         DELETE FROM templates
         WHERE id = $2::uuid AND (SELECT status FROM verdict) = 200 AND (SELECT is_done FROM step))
SELECT status, coalesce(error, json_build_object('deleted', true)::text) AS body, is_done FROM verdict, step
