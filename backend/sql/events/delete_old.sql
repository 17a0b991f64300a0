-- Deletes one batch of events that are old enough.
-- writes
-- $1 bigint retention in ms   $2 int batch   $3 bigint id where the batch begins, exclusive
-- One row: deleted int, last bigint: where the next batch begins. Less than a batch was deleted:
-- nothing is left.
-- Ids are given in the order in which rows are written, so the oldest are found at that end without
-- an index on their times. The first 10,000 are looked at: a row with an earlier time than those
-- around it, written by hand, goes with them.
WITH old AS MATERIALIZED (
         SELECT id FROM events
         WHERE id = ANY (ARRAY(
             SELECT id FROM (SELECT id, created_at FROM events
                             WHERE id > $3::bigint ORDER BY id LIMIT 10000) oldest
             WHERE created_at < now() - $1::bigint * interval '1 millisecond'
             LIMIT $2::int))
         ORDER BY id FOR UPDATE SKIP LOCKED),
     deleted AS (DELETE FROM events WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id)
SELECT count(*)::int AS deleted, coalesce(max(id), $3::bigint) AS last FROM deleted
