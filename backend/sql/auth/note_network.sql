-- Notes that an account logged in from a network. Its newest 20 networks of the last 90 days stay.
-- writes
-- first: users/lock
-- $1 uuid user   $2 cidr network
-- No rows. A network that was noted within a day is left as it is.
WITH noted AS (
         INSERT INTO account_networks (user_id, network) SELECT id, $2::cidr FROM users WHERE id = $1::uuid
         ON CONFLICT (user_id, network) DO UPDATE SET last_login_at = now()
         WHERE account_networks.last_login_at <= now() - interval '1 day'),
     others AS (SELECT network, last_login_at FROM account_networks WHERE user_id = $1::uuid AND network <> $2::cidr),
     kept AS (
         SELECT network FROM others WHERE last_login_at > now() - interval '90 days'
         ORDER BY last_login_at DESC LIMIT 19)
DELETE FROM account_networks
WHERE user_id = $1::uuid AND network IN (SELECT network FROM others EXCEPT SELECT network FROM kept)
