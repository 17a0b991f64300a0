-- The public templates, newest first.
-- 200 {templates: [Template]}: at most 100
SELECT 200 AS status,
       json_build_object('templates', coalesce(
           json_agg(template_json(t) ORDER BY t.created_at DESC, t.id DESC), '[]'))::text AS body
FROM (SELECT * FROM templates WHERE is_public ORDER BY created_at DESC, id DESC LIMIT 100) t
