-- Deletes a template of the caller's. Posts that began by it stay, without it.
-- writes
-- $1 uuid caller   $2 uuid template
-- 200 {deleted} | 401 invalid token | 403 not allowed | 404 template not found
-- A built-in template is nobody's: 403. Locks the template before its posts. A battle that begins
-- by it locks it, too (battles/create): it is done first as a whole, or doesn't find the template.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     template AS (SELECT id, owner_user_id FROM templates WHERE id = $2::uuid FOR UPDATE),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 403, 'not allowed' FROM template WHERE owner_user_id IS NULL
         UNION ALL SELECT 404, 'template not found'
                   WHERE NOT EXISTS (SELECT FROM template WHERE owner_user_id = $1::uuid)
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     gone AS (DELETE FROM templates WHERE id = $2::uuid AND (SELECT status FROM verdict) = 200)
SELECT status, coalesce(error, json_build_object('deleted', true)::text) AS body FROM verdict
