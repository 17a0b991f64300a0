-- Ends a session of the caller's.
-- writes
-- $1 uuid caller   $2 uuid session
-- 200 Ended | 401 invalid token | 404 session not found
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     ended AS (
         UPDATE sessions SET ended_at = now()
         WHERE id = $2::uuid AND user_id = (SELECT id FROM caller) AND ended_at IS NULL AND expires_at > now()
         RETURNING id),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'session not found' WHERE NOT EXISTS (SELECT FROM ended)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status, coalesce(error, json_build_object('ended', (SELECT count(*) FROM ended))::text) AS body FROM verdict
