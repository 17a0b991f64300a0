-- Ends one batch of waiting jobs as failed; running jobs are left.
-- writes
-- $1 text type or null
-- $2 text part of the error of the last attempt, or of its kind (error_kind), or null
-- $3 bigint[] jobs, or null   $4 bigint last job of the batch before   $5 int batch size
-- $6 boolean false: only count
-- One row: found int, chosen int, changed int, last bigint
-- A cancelled reply gives its quota unit back, since active jobs alone count as units in use. A job
-- that a claim has locked at this moment is skipped.
WITH found AS MATERIALIZED (
         SELECT id, status FROM jobs
         WHERE status IN ('PENDING', 'PROCESSING') AND id > $4::bigint AND ($1::text IS NULL OR job_type = $1::text)
           AND ($2::text IS NULL OR position($2::text IN error) > 0 OR position($2::text IN error_kind(error)) > 0)
           AND ($3::bigint[] IS NULL OR id = ANY ($3::bigint[]))
         ORDER BY id LIMIT $5::int),
     chosen AS MATERIALIZED (
         SELECT id FROM jobs
         WHERE id = ANY (ARRAY(SELECT id FROM found WHERE status = 'PENDING')) AND status = 'PENDING'
         ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
     changed AS (
         UPDATE jobs SET status = 'FAILED', error = 'cancelled by an operator', finished_at = now(), updated_at = now()
         WHERE $6::boolean AND id = ANY (ARRAY(SELECT id FROM chosen))
         RETURNING id)
SELECT (SELECT count(*) FROM found)::int AS found, (SELECT count(*) FROM chosen)::int AS chosen,
       (SELECT count(*) FROM changed)::int AS changed,
       (SELECT max(id) FROM found) AS last
