-- Deletes one batch of jobs that were finished long enough ago.
-- writes
-- $1 bigint retention in ms   $2 int batch
-- One row: deleted int; less than the batch: nothing is left
WITH old AS MATERIALIZED (
         SELECT id FROM jobs
         WHERE status IN ('DONE', 'FAILED')
           AND coalesce(finished_at, updated_at) < now() - $1::bigint * interval '1 millisecond'
         ORDER BY coalesce(finished_at, updated_at) LIMIT $2::int
         FOR UPDATE SKIP LOCKED),
     deleted AS (DELETE FROM jobs WHERE id IN (SELECT id FROM old) RETURNING id)
SELECT count(*)::int AS deleted FROM deleted
