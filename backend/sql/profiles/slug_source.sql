-- The text from which a profile's slug is made if none was asked for: the current slug, else the
-- persona's name.
-- $1 uuid caller   $2 uuid persona
-- 200 text | 401 invalid token | 404 persona not found
SELECT CASE WHEN u.id IS NULL THEN 401 WHEN p.id IS NULL THEN 404 ELSE 200 END AS status,
       CASE WHEN u.id IS NULL THEN 'invalid token' WHEN p.id IS NULL THEN 'persona not found'
            ELSE coalesce(f.slug, p.name) END AS body
FROM (VALUES (1)) one
LEFT JOIN users u ON u.id = $1::uuid
LEFT JOIN personas p ON p.id = $2::uuid AND p.user_id = u.id
LEFT JOIN persona_public_profiles f ON f.persona_id = p.id
