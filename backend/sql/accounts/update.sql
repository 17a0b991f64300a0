-- Changes the caller's e-mail address or language; what is null stays.
-- writes
-- $1 uuid caller   $2 text e-mail   $3 text language
-- $4 text the password hash that was checked; only with it the address changes
-- $5 text key of the counts of mails, or null: no mail is sent
-- $6 text request id
-- 200 null | 401 invalid token | 403 wrong password | 409 email already registered
-- A new address isn't verified, and gets the mail for that. The unique constraint decides between
-- two that want the same.
WITH caller AS (SELECT id, email, password_hash FROM users WHERE id = $1::uuid FOR NO KEY UPDATE),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 403, 'wrong password' FROM caller
                   WHERE $2::text <> email AND password_hash IS DISTINCT FROM $4::text
         UNION ALL SELECT 409, 'email already registered'
                   WHERE EXISTS (SELECT FROM users WHERE email = $2::text AND id <> $1::uuid)
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     changed AS (
         UPDATE users u
         SET email = coalesce($2::text, u.email), language = coalesce($3::text, u.language), updated_at = now(),
             email_verified_at = CASE WHEN $2::text <> u.email THEN NULL ELSE u.email_verified_at END
         FROM caller WHERE u.id = caller.id AND (SELECT status FROM verdict) = 200
         RETURNING u.id, u.email <> caller.email AS is_new),
     asked AS MATERIALIZED (
         SELECT ask_for_verification(id, $5::text, $2::text, $6::text) FROM changed
         WHERE is_new AND $5::text IS NOT NULL)
SELECT status, error AS body FROM verdict LEFT JOIN asked ON true
