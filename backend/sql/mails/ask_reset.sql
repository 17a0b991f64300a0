-- Asks for a mail by which the password of an account can be set anew.
-- writes
-- $1 text e-mail   $2 text the same in lower case in every script
-- $3 text key of the counts of mails   $4 text request id
-- 202 Done
-- An address has three in an hour, with an account or without; what is more is answered alike.
WITH counted AS MATERIALIZED (SELECT count_mail_ask($3::text, 'reset', $2::text, 3, interval '1 hour') AS may),
     account AS MATERIALIZED (
         SELECT id FROM users WHERE email IN ($1::text, $2::text) ORDER BY email = $1::text DESC LIMIT 1),
     asked AS MATERIALIZED (
         SELECT ask_for_mail('reset_mail', account.id, $4::text) FROM counted JOIN account ON counted.may)
SELECT 202 AS status, json_build_object('ok', true)::text AS body FROM counted LEFT JOIN asked ON true
