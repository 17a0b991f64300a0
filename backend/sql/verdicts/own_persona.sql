-- Whether the persona is the caller's.
-- $1 uuid caller   $2 uuid persona
-- 401 invalid token | 404 persona not found

-- verdict
SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 404 END,
       CASE WHEN u.id IS NULL THEN 'invalid token' ELSE 'persona not found' END
FROM (VALUES (1)) one
LEFT JOIN users u ON u.id = $1::uuid
LEFT JOIN personas p ON p.id = $2::uuid AND p.user_id = $1::uuid
WHERE u.id IS NULL OR p.id IS NULL
