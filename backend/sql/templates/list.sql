-- The public templates, newest first.
-- 200 {templates: [Template]}: at most 100

-- templates[]
SELECT id, owner_user_id, name, prompt_rules, turn_count, word_limit, created_at, is_public
FROM templates WHERE is_public ORDER BY created_at DESC, id DESC LIMIT 100
