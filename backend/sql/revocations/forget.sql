-- Deletes a batch of revocations whose tokens have all expired, the oldest first.
-- writes
-- $1 int rows at most
-- One row: the number of revocations; less than the batch: the next has to wait for its time.
WITH over AS (
         SELECT id FROM (SELECT id, expires_at FROM revocations ORDER BY version, id LIMIT $1::int) oldest
         WHERE expires_at < now()),
     forgotten AS (DELETE FROM revocations WHERE id IN (SELECT id FROM over) RETURNING id)
SELECT count(*) FROM forgotten
