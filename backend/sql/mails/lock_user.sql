-- Locks the user whom a link was sent to, so that of two who use it at once the second finds it
-- used.
-- writes
-- $1 text hash of the link's token, in hex
SELECT u.id FROM mail_links l JOIN users u ON u.id = l.user_id
WHERE l.token_hash = decode($1::text, 'hex') FOR NO KEY UPDATE OF u
