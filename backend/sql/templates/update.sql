-- Changes a template of the caller's. Battles that began by it keep their text.
-- writes
-- $1 uuid caller   $2 uuid template   $3 text name   $4 text prompt rules   $5 int turn count
-- $6 int word limit   $7 boolean is public
-- 200 Template | 401 invalid token | 403 not allowed | 404 template not found
-- A built-in template is nobody's: 403.
-- Locks the template, so that of two changes at once each is whole.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     template AS (SELECT id, owner_user_id FROM templates WHERE id = $2::uuid FOR NO KEY UPDATE),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 403, 'not allowed' FROM template WHERE owner_user_id IS NULL
         UNION ALL SELECT 404, 'template not found'
                   WHERE NOT EXISTS (SELECT FROM template WHERE owner_user_id = $1::uuid)
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     changed AS (
         UPDATE templates
         SET name = $3::text, prompt_rules = $4::text, turn_count = $5::int, word_limit = $6::int,
             is_public = $7::boolean
         WHERE id = $2::uuid AND (SELECT status FROM verdict) = 200
         RETURNING template_answer(templates, $1::uuid) AS body)
SELECT status, coalesce(error, body::text) AS body FROM verdict LEFT JOIN changed ON true
