-- The newest digest of a persona of the caller's; an empty one where there is none.
-- $1 uuid caller   $2 uuid persona
-- 200 {digest, exists} | 401 invalid token | 404 persona not found
SELECT CASE WHEN u.id IS NULL THEN 401 WHEN p.id IS NULL THEN 404 ELSE 200 END AS status,
       CASE WHEN u.id IS NULL THEN 'invalid token' WHEN p.id IS NULL THEN 'persona not found'
            ELSE json_build_object('digest', coalesce(d.digest, empty_digest_json(p.id)),
                                   'exists', d.persona_id IS NOT NULL)::text END AS body
FROM (VALUES (1)) one
LEFT JOIN users u ON u.id = $1::uuid
LEFT JOIN personas p ON p.id = $2::uuid AND p.user_id = u.id
LEFT JOIN LATERAL (
    SELECT * FROM persona_digest_answers a WHERE a.persona_id = p.id ORDER BY a.date DESC LIMIT 1) d ON true
