-- Uses a link that sets a new password: all sessions end, and a new one begins.
-- writes
-- first: mails/lock_user
-- $1 text hash of the link's token, in hex   $2 text new password hash   $3 text user agent
-- 200 null, with user_id text and session_id text as columns | 400 invalid token
-- Who read the mail has the address, which is verified by that. No other link of the user's has
-- anything to do any more.
WITH account AS (
         UPDATE users u SET password_hash = $2::text, email_verified_at = coalesce(u.email_verified_at, now()),
                            updated_at = now()
         FROM mail_links l
         WHERE l.token_hash = decode($1::text, 'hex') AND l.purpose = 'reset' AND l.expires_at > now()
           AND u.id = l.user_id AND u.email = l.email
         RETURNING u.id),
     used AS (DELETE FROM mail_links WHERE user_id IN (SELECT id FROM account)),
     ended AS (UPDATE sessions SET ended_at = now() WHERE user_id = (SELECT id FROM account) AND ended_at IS NULL),
     begun AS (
         INSERT INTO sessions (user_id, user_agent) SELECT id, left($3::text, 200) FROM account
         RETURNING id, user_id)
SELECT 200 AS status, NULL AS body, user_id::text AS user_id, id::text AS session_id FROM begun
UNION ALL
SELECT 400, 'invalid token', NULL, NULL WHERE NOT EXISTS (SELECT FROM account)
