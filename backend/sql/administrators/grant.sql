-- Makes a user an administrator.
-- writes
-- $1 text user's id, or e-mail address   $2 text the address in lower case   $3 text who does it
-- Rows: user_id text, changed boolean (false: was one before); none: there is no such user
WITH account AS (
         SELECT id FROM users
         WHERE (id = try_uuid($1::text) OR email IN ($1::text, $2::text))
           AND id NOT IN (SELECT user_id FROM account_deletions)
         ORDER BY email = $1::text DESC LIMIT 1),
     granted AS (
         INSERT INTO administrators (user_id) SELECT id FROM account
         ON CONFLICT (user_id) DO NOTHING
         RETURNING user_id),
     recorded AS (
         INSERT INTO administrator_changes (user_id, change, made_by) SELECT user_id, 'grant', $3::text FROM granted)
SELECT id::text AS user_id, EXISTS (SELECT FROM granted) AS changed FROM account
