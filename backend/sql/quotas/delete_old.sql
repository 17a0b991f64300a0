-- Deletes one batch of quota units, of which today's alone are counted, that are old enough.
-- writes
-- $1 bigint retention in ms   $2 int batch   $3 bigint id where the batch begins, exclusive
-- One row: deleted int, last bigint: where the next batch begins. Less than a batch was deleted:
-- nothing is left.
-- A reservation that is held longer stays. events/delete_old says how they are found.
WITH old AS MATERIALIZED (
         SELECT id FROM quota_events
         WHERE id = ANY (ARRAY(
             SELECT id FROM (SELECT id, created_at, expires_at FROM quota_events
                             WHERE id > $3::bigint ORDER BY id LIMIT 10000) oldest
             WHERE created_at < now() - $1::bigint * interval '1 millisecond'
               AND (expires_at IS NULL OR expires_at < now())
             LIMIT $2::int))
         ORDER BY id FOR UPDATE SKIP LOCKED),
     deleted AS (DELETE FROM quota_events WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id)
SELECT count(*)::int AS deleted, coalesce(max(id), $3::bigint) AS last FROM deleted
