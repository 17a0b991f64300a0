-- Begins a session of somebody who logged in.
-- writes
-- $1 uuid user   $2 text the password hash that was checked   $3 text user agent
-- 200 null, with the third column session_id text | 401 invalid credentials
-- A password that was changed since its check begins no session: the user's row is locked, and a
-- change of the password (accounts/set_password) ends the sessions that began before.
WITH account AS (SELECT id FROM users WHERE id = $1::uuid AND password_hash = $2::text FOR SHARE),
     session AS (
         INSERT INTO sessions (user_id, user_agent) SELECT id, left($3::text, 200) FROM account
         RETURNING id)
SELECT 200 AS status, NULL AS body, id::text AS session_id FROM session
UNION ALL
SELECT 401, 'invalid credentials', NULL WHERE NOT EXISTS (SELECT FROM account)
