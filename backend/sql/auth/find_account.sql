-- The account behind an e-mail address, and whether it knows the network that somebody comes from.
-- $1 text e-mail   $2 text the same in lower case in every script   $3 cidr network
-- Zero or one row: user_id text, password_hash text, is_known boolean (the account logged in from
-- there within 90 days), is_noted boolean (within a day)
-- Accounts of before have their address in lower case in every script; an account with the address
-- as it is written goes first.
SELECT u.id::text AS user_id, u.password_hash,
       coalesce(n.last_login_at > now() - interval '90 days', false) AS is_known,
       coalesce(n.last_login_at > now() - interval '1 day', false) AS is_noted
FROM users u LEFT JOIN account_networks n ON n.user_id = u.id AND n.network = $3::cidr
WHERE u.email IN ($1::text, $2::text)
ORDER BY u.email = $1::text DESC LIMIT 1
