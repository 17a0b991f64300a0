-- Asks for a mail by which the caller's address is verified; not for one that is.
-- writes
-- $1 uuid caller   $2 text key of the counts of mails   $3 text request id
-- 202 Done | 401 invalid token
WITH caller AS MATERIALIZED (
         SELECT id, email, email_verified_at FROM users
         WHERE id = $1::uuid AND id NOT IN (SELECT user_id FROM account_deletions)),
     asked AS MATERIALIZED (
         SELECT ask_for_verification(id, $2::text, email, $3::text) FROM caller WHERE email_verified_at IS NULL),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 202, NULL
         LIMIT 1)
SELECT status, coalesce(error, json_build_object('ok', true)::text) AS body FROM verdict LEFT JOIN asked ON true
