-- Makes an administrator an ordinary user.
-- writes
-- $1 text user's id, or e-mail address   $2 text the address in lower case   $3 text who does it
-- Rows: user_id text, changed boolean (false: wasn't one); none: there is no such user
WITH account AS (
         SELECT id FROM users WHERE id = try_uuid($1::text) OR email IN ($1::text, $2::text)
         ORDER BY email = $1::text DESC LIMIT 1),
     revoked AS (DELETE FROM administrators WHERE user_id IN (SELECT id FROM account) RETURNING user_id),
     recorded AS (
         INSERT INTO administrator_changes (user_id, change, made_by) SELECT user_id, 'revoke', $3::text FROM revoked)
SELECT id::text AS user_id, EXISTS (SELECT FROM revoked) AS changed FROM account
