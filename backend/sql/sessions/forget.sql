-- Deletes a batch of sessions whose last token has expired.
-- writes
-- $1 int sessions at most
-- One row: the number of sessions.
WITH over AS (
         SELECT id FROM sessions WHERE expires_at < now() - interval '1 hour'
         ORDER BY expires_at LIMIT $1::int
         FOR UPDATE SKIP LOCKED),
     forgotten AS (DELETE FROM sessions WHERE id IN (SELECT id FROM over) RETURNING id)
SELECT count(*) FROM forgotten
