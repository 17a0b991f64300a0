-- What the caller's password is checked with.
-- $1 uuid caller
-- Zero or one row: email text, password_hash text
SELECT email, password_hash FROM users WHERE id = $1::uuid
