-- Takes back jobs whose lease is over: due again at once, or FAILED after the last attempt, unless
-- they were asked for again meanwhile. A lease that ends in more than a day and belongs to no row
-- of workers counts as over: no worker gives such a lease, so somebody wrote it by hand.
-- writes
-- $1 int max attempts   $2 int limit
-- Rows: id bigint, job_type text, attempts int, status text, request_id text, trace_id text,
--       post_id uuid, persona_id uuid
WITH expired AS MATERIALIZED (
         SELECT id, attempts >= $1::int AND NOT dirty AS over FROM jobs
         WHERE status = 'PROCESSING' AND coalesce(lease_until, locked_at, created_at) < statement_timestamp()
         ORDER BY coalesce(lease_until, locked_at, created_at) LIMIT $2::int
         FOR UPDATE SKIP LOCKED),
     impossible AS MATERIALIZED (
         SELECT id, attempts >= $1::int AND NOT dirty AS over FROM jobs
         WHERE status = 'PROCESSING'
           AND coalesce(lease_until, locked_at, created_at) > statement_timestamp() + interval '1 day'
           AND NOT EXISTS (SELECT FROM workers w WHERE w.id = jobs.worker_id)
         ORDER BY coalesce(lease_until, locked_at, created_at) DESC LIMIT $2::int
         FOR UPDATE SKIP LOCKED),
     ended AS (SELECT * FROM expired UNION ALL SELECT * FROM impossible LIMIT $2::int)
UPDATE jobs j
SET status = CASE WHEN over THEN 'FAILED' ELSE 'PENDING' END::job_status_enum,
    finished_at = CASE WHEN over THEN now() END, error = 'lease expired',
    attempts = CASE WHEN dirty THEN 0 ELSE attempts END, available_at = CASE WHEN over THEN available_at ELSE now() END,
    dirty = false, locked_at = NULL, locked_by = NULL, worker_id = NULL, lease_until = NULL, lease_token = NULL,
    updated_at = now()
FROM ended
WHERE j.id = ended.id
RETURNING j.id, j.job_type, j.attempts, j.status::text, left(j.request_id, 128) AS request_id,
          left(coalesce(j.trace_id, j.payload->>'trace_id'), 128) AS trace_id, j.post_id, j.persona_id
