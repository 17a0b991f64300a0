-- Uses a link that verifies an address.
-- writes
-- first: mails/lock_user
-- $1 text hash of the link's token, in hex
-- 200 Done | 400 invalid token
-- The address must still be that which the link was sent to. The user's other links that verify it
-- have nothing to do any more.
WITH account AS (
         UPDATE users u SET email_verified_at = now(), updated_at = now()
         FROM mail_links l
         WHERE l.token_hash = decode($1::text, 'hex') AND l.purpose = 'verification' AND l.expires_at > now()
           AND u.id = l.user_id AND u.email = l.email
         RETURNING u.id),
     used AS (DELETE FROM mail_links WHERE user_id IN (SELECT id FROM account) AND purpose = 'verification'),
     verdict(status, error) AS (
         SELECT 400, 'invalid token' WHERE NOT EXISTS (SELECT FROM account)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status, coalesce(error, json_build_object('ok', true)::text) AS body FROM verdict
