-- The account behind an e-mail address.
-- $1 text e-mail, lower case
-- Zero or one row: user_id text, password_hash text
SELECT id::text AS user_id, password_hash FROM users WHERE email = $1::text
