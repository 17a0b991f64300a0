-- Makes an account.
-- writes
-- $1 text e-mail, lower case   $2 text password hash   $3 text share slug, normalised, or null
-- 201 null, with the third column user_id text | 409 email already registered
-- Records the event signup_from_share if there is a share slug. Of two sign-ups at the same time
-- one waits for the other and gets the 409.
WITH account AS (
         INSERT INTO users (email, password_hash, last_active_at) VALUES ($1::text, $2::text, now())
         ON CONFLICT (email) DO NOTHING
         RETURNING id),
     event AS (
         INSERT INTO events (user_id, event_name, metadata)
         SELECT id, 'signup_from_share', jsonb_build_object('share_slug', $3::text, 'source', 'public_profile')
         FROM account WHERE $3::text <> '')
SELECT 201 AS status, NULL AS body, id::text AS user_id FROM account
UNION ALL
SELECT 409, 'email already registered', NULL WHERE NOT EXISTS (SELECT FROM account)
