-- Deletes one batch of readers' buckets whose windows are over: a window is a day at most.
-- writes
-- $1 int batch
-- One row: deleted int; less than the batch: nothing is left
WITH old AS MATERIALIZED (
         SELECT bucket FROM summary_asks WHERE began_at < now() - interval '1 day'
         ORDER BY began_at LIMIT $1::int FOR UPDATE SKIP LOCKED),
     deleted AS (DELETE FROM summary_asks WHERE bucket IN (SELECT bucket FROM old) RETURNING bucket)
SELECT count(*)::int AS deleted FROM deleted
