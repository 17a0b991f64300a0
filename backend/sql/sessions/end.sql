-- Ends the session that the caller's token names. A token of before sessions names none, and lives
-- to its end.
-- writes
-- $1 uuid caller   $2 uuid session, or null
-- 200 Done | 401 invalid token
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     ended AS (
         UPDATE sessions SET ended_at = now()
         WHERE id = $2::uuid AND user_id = (SELECT id FROM caller) AND ended_at IS NULL),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status, coalesce(error, json_build_object('ok', true)::text) AS body FROM verdict
