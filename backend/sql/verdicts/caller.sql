-- Whether the caller still exists.
-- $1 uuid caller
-- 401 invalid token

-- verdict
SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM users WHERE id = $1::uuid)
