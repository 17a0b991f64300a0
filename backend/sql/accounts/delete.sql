-- Begins the deletion of the caller's account: from here on its tokens are refused, nobody can log
-- in, its address is free, and its public profiles are hidden. The worker deletes its rows.
-- writes
-- first: users/lock
-- $1 uuid caller   $2 text the password hash that was checked
-- 202 {deleting} | 401 invalid token | 403 wrong password
WITH caller AS (
         SELECT id, password_hash FROM users
         WHERE id = $1::uuid AND id NOT IN (SELECT user_id FROM account_deletions)),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 403, 'wrong password' FROM caller WHERE password_hash <> $2::text
         UNION ALL SELECT 202, NULL
         LIMIT 1),
     account AS (
         UPDATE users SET email = 'deleted ' || id, password_hash = '', language = NULL, email_verified_at = NULL,
                          weekly_due_at = NULL, updated_at = now()
         WHERE id = $1::uuid AND (SELECT status FROM verdict) = 202
         RETURNING id),
     deletion AS (INSERT INTO account_deletions (user_id) SELECT id FROM account),
     links AS (DELETE FROM mail_links WHERE user_id IN (SELECT id FROM account)),
     administrator AS (DELETE FROM administrators WHERE user_id IN (SELECT id FROM account)),
     hidden AS (
         UPDATE persona_public_profiles SET is_public = false
         WHERE persona_id IN (SELECT p.id FROM personas p JOIN account ON p.user_id = account.id))
SELECT status, coalesce(error, json_build_object('deleting', true)::text) AS body FROM verdict
