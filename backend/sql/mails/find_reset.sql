-- Whether a link sets a new password just now, so that no password is hashed for one that doesn't.
-- $1 text hash of the link's token, in hex
-- Zero or one row: user_id text
SELECT u.id::text AS user_id FROM mail_links l JOIN users u ON u.id = l.user_id AND u.email = l.email
WHERE l.token_hash = decode($1::text, 'hex') AND l.purpose = 'reset' AND l.expires_at > now()
