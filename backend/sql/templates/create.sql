-- Makes a template of the caller's.
-- writes
-- $1 uuid caller   $2 text name   $3 text prompt rules   $4 int turn count   $5 int word limit
-- $6 boolean is public
-- 201 Template | 401 invalid token
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     template AS (
         INSERT INTO templates (owner_user_id, name, prompt_rules, turn_count, word_limit, is_public)
         SELECT id, $2::text, $3::text, $4::int, $5::int, $6::boolean FROM caller
         RETURNING template_answer(templates, $1::uuid) AS body)
SELECT 201 AS status, keep_answer(201, body::text) AS body FROM template
UNION ALL
SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
