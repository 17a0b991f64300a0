-- Changes the caller's password, and ends all sessions but the one that asks. A token of before
-- sessions gets a session.
-- writes
-- first: users/lock
-- $1 uuid caller   $2 uuid session, or null   $3 text the password hash that was checked
-- $4 text new password hash   $5 text user agent
-- 200 null, with the third column session_id text | 401 invalid token | 403 wrong password
WITH caller AS (SELECT id, password_hash FROM users WHERE id = $1::uuid),
     own AS (SELECT id FROM sessions WHERE id = $2::uuid AND user_id = $1::uuid AND ended_at IS NULL),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
                                        OR $2::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM own)
         UNION ALL SELECT 403, 'wrong password' FROM caller WHERE password_hash <> $3::text
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     changed AS (
         UPDATE users SET password_hash = $4::text, updated_at = now()
         WHERE id = $1::uuid AND (SELECT status FROM verdict) = 200
         RETURNING id),
     others AS (
         UPDATE sessions SET ended_at = now()
         WHERE user_id = (SELECT id FROM changed) AND ended_at IS NULL AND id NOT IN (SELECT id FROM own)),
     kept AS (
         UPDATE sessions SET expires_at = DEFAULT, last_seen_at = now()
         WHERE id = (SELECT id FROM own) AND EXISTS (SELECT FROM changed)
         RETURNING id),
     begun AS (
         INSERT INTO sessions (user_id, user_agent)
         SELECT id, left($5::text, 200) FROM changed WHERE NOT EXISTS (SELECT FROM own)
         RETURNING id)
SELECT status, error AS body, coalesce((SELECT id FROM kept), (SELECT id FROM begun))::text AS session_id FROM verdict
