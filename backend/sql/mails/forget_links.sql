-- Deletes a batch of links that have expired.
-- writes
-- $1 int links at most
-- One row: the number of links.
WITH old AS MATERIALIZED (
         SELECT token_hash FROM mail_links WHERE expires_at < now() ORDER BY expires_at LIMIT $1::int
         FOR UPDATE SKIP LOCKED),
     deleted AS (DELETE FROM mail_links WHERE token_hash IN (SELECT token_hash FROM old) RETURNING token_hash)
SELECT count(*)::int AS deleted FROM deleted
