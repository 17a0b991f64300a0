-- Ends all sessions of the caller's but the one that asks.
-- writes
-- first: users/lock
-- $1 uuid caller   $2 uuid session that asks, or null
-- 200 Ended | 401 invalid token
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     ended AS (
         UPDATE sessions SET ended_at = now()
         WHERE user_id = (SELECT id FROM caller) AND id IS DISTINCT FROM $2::uuid AND ended_at IS NULL
           AND expires_at > now()
         RETURNING id),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status, coalesce(error, json_build_object('ended', (SELECT count(*) FROM ended))::text) AS body FROM verdict
