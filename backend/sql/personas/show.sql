-- A persona of the caller's.
-- $1 uuid caller   $2 uuid persona
-- 200 Persona | 401 invalid token | 404 persona not found
SELECT CASE WHEN u.id IS NULL THEN 401 WHEN p.id IS NULL THEN 404 ELSE 200 END AS status,
       CASE WHEN u.id IS NULL THEN 'invalid token' WHEN p.id IS NULL THEN 'persona not found'
            ELSE persona_json(p)::text END AS body
FROM (VALUES (1)) one
LEFT JOIN users u ON u.id = $1::uuid
LEFT JOIN personas p ON p.id = $2::uuid AND p.user_id = u.id
