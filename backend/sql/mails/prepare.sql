-- Makes the links of mails, and says where the mails go.
-- writes
-- $1 bigint[] jobs   $2 uuid[] lease tokens   $3 uuid[] users
-- $4 text[] hashes of the links' tokens, in hex
-- Rows: job bigint, status int, body text, language text
-- 200 the address | 204 nothing is to be sent: nobody has the account, or the address is verified
-- 409 lease lost
-- A link lasts from here on: half an hour to set a password, a day to verify. The newest five of a
-- user and purpose count, as people may open any of the mails that they asked for. Where an attempt
-- failed after its mail went out, both mails are good.
-- Locks users in order, so that no link of theirs is used meanwhile.
WITH given AS MATERIALIZED (
         SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[]) AS g(job_id, token, user_id, hash)),
     held AS MATERIALIZED (
         SELECT g.job_id, g.user_id, g.hash, CASE j.job_type WHEN 'reset_mail' THEN 'reset' ELSE 'verification' END
                AS purpose
         FROM given g JOIN jobs j ON j.id = g.job_id
         WHERE j.lease_token = g.token AND j.status::text = 'PROCESSING'),
     account AS MATERIALIZED (
         SELECT h.job_id, h.hash, h.purpose, u.id AS user_id, u.email,
                coalesce(u.language, (SELECT preferred_language FROM personas p WHERE p.user_id = u.id
                                      ORDER BY p.created_at, p.id LIMIT 1)) AS language
         FROM held h JOIN users u ON u.id = h.user_id
         WHERE u.id NOT IN (SELECT d.user_id FROM account_deletions d)
           AND (h.purpose = 'reset' OR u.email_verified_at IS NULL)
         ORDER BY u.id FOR NO KEY UPDATE OF u),
     link AS (
         INSERT INTO mail_links (token_hash, user_id, purpose, email, expires_at)
         SELECT decode(hash, 'hex'), user_id, purpose, email,
                now() + CASE purpose WHEN 'reset' THEN interval '30 minutes' ELSE interval '24 hours' END
         FROM account
         ON CONFLICT (token_hash) DO NOTHING),
     older AS (
         SELECT l.token_hash, row_number() OVER (PARTITION BY l.user_id, l.purpose ORDER BY l.created_at DESC) AS place
         FROM account a JOIN mail_links l ON l.user_id = a.user_id AND l.purpose = a.purpose),
     gone AS (DELETE FROM mail_links WHERE token_hash IN (SELECT token_hash FROM older WHERE place >= 5))
SELECT g.job_id AS job, CASE WHEN h.job_id IS NULL THEN 409 WHEN a.job_id IS NULL THEN 204 ELSE 200 END AS status,
       CASE WHEN h.job_id IS NULL THEN 'lease lost' ELSE a.email END AS body, a.language
FROM given g LEFT JOIN held h ON h.job_id = g.job_id LEFT JOIN account a ON a.job_id = g.job_id
