-- Deletes a batch of idempotency keys whose time is over.
-- writes
-- $1 int keys at most
-- One row: the number of keys.
WITH old AS MATERIALIZED (
         SELECT user_id, route, key FROM idempotency_keys WHERE expires_at < now() ORDER BY expires_at LIMIT $1::int
         FOR UPDATE SKIP LOCKED),
     deleted AS (
         DELETE FROM idempotency_keys k USING old
         WHERE k.user_id = old.user_id AND k.route = old.route AND k.key = old.key
         RETURNING 1)
SELECT count(*)::int AS deleted FROM deleted
