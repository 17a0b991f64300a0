-- Deletes one batch of the journal whose entries are old enough.
-- writes
-- $1 bigint retention in ms   $2 int batch   $3 bigint id where the batch begins, exclusive
-- Incidents' ends stay: their numbers go on, and the list has them.
-- One row: deleted int, last bigint: where the next batch begins. Less than a batch was deleted:
-- nothing is left.
-- Ids are given in the order in which rows are written, so the oldest are found at that end without
-- an index on their times. Nobody may update the journal, so nothing is locked before: of two at
-- once the second deletes what is left.
WITH old AS MATERIALIZED (
         SELECT id FROM journal
         WHERE id = ANY (ARRAY(
             SELECT id FROM (SELECT id, recorded_at FROM journal
                             WHERE id > $3::bigint ORDER BY id LIMIT 10000) oldest
             WHERE recorded_at < now() - $1::bigint * interval '1 millisecond' AND incident IS NULL
             LIMIT $2::int))
         ORDER BY id),
     deleted AS (DELETE FROM journal WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id)
SELECT count(*)::int AS deleted, coalesce(max(id), $3::bigint) AS last FROM deleted
