-- The caller's personas, newest first.
-- $1 uuid caller
-- 200 {personas: [Persona]} | 401 invalid token
SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN u.id IS NULL THEN 'invalid token'
            ELSE json_build_object('personas', (
                SELECT coalesce(json_agg(persona_json(p) ORDER BY p.created_at DESC, p.id DESC), '[]')
                FROM personas p WHERE p.user_id = u.id))::text END AS body
FROM (VALUES (1)) one LEFT JOIN users u ON u.id = $1::uuid
