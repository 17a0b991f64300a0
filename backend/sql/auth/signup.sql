-- Makes an account and its first session.
-- writes
-- $1 text e-mail   $2 text password hash   $3 text share slug, normalised, or null
-- $4 text the e-mail in lower case in every script   $5 cidr network of the client
-- $6 text user agent   $7 text key of the counts of mails, or null: no mail is sent
-- $8 text request id
-- 201 null, with user_id text and session_id text as columns | 409 email already registered
-- Asks for the mail that verifies the address. Records the event signup_from_share if there is a
-- share slug. Of two sign-ups at the same time
-- one waits for the other and gets the 409. So does an address that differs from an account of
-- before only by letters that are no longer folded.
WITH account AS (
         INSERT INTO users (email, password_hash, last_active_at)
         SELECT $1::text, $2::text, now() WHERE NOT EXISTS (SELECT FROM users WHERE email = $4::text)
         ON CONFLICT (email) DO NOTHING
         RETURNING id),
     network AS (INSERT INTO account_networks (user_id, network) SELECT id, $5::cidr FROM account),
     session AS (
         INSERT INTO sessions (user_id, user_agent) SELECT id, left($6::text, 200) FROM account
         RETURNING id),
     event AS (
         INSERT INTO events (user_id, event_name, metadata)
         SELECT id, 'signup_from_share', jsonb_build_object('share_slug', $3::text, 'source', 'public_profile')
         FROM account WHERE $3::text <> ''),
     asked AS MATERIALIZED (
         SELECT ask_for_verification(id, $7::text, $1::text, $8::text) FROM account WHERE $7::text IS NOT NULL)
SELECT 201 AS status, NULL AS body, account.id::text AS user_id, session.id::text AS session_id
FROM account CROSS JOIN session LEFT JOIN asked ON true
UNION ALL
SELECT 409, 'email already registered', NULL, NULL WHERE NOT EXISTS (SELECT FROM account)
