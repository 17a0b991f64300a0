-- Ends attempts that store nothing, each in its own way.
-- writes
-- first: personas/lock_many
-- $1 uuid[] personas   $2 bigint[] jobs   $3 uuid[] lease tokens
-- $4 text[] how: done, failed, retry or released   $5 bigint[] delays in ms   $6 text[] errors
-- Rows: job bigint, status text; none for a job whose lease was lost
-- A job that was asked for again meanwhile (dirty) begins anew: at once if it was done, a minute
-- later if it failed, so that a job that always fails at once doesn't spin. created_at of a done
-- one becomes the time of the claim: its age is the age of the work that is left. A released
-- attempt doesn't count; payload.handed_back_at is the time of the first one in a row, in seconds
-- since 1970. A persona is locked before its jobs, as in every statement that asks for a digest.
-- The status is compared as text wherever a lease's token is compared, too: else the planner would
-- read the index of all leases instead of the primary key.
WITH given AS (
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::bigint[], $6::text[])
                       AS g(persona_id, job_id, token, how, delay_ms, error)),
     held AS MATERIALIZED (
         SELECT j.id, g.how, g.delay_ms, g.error FROM given g JOIN jobs j ON j.id = g.job_id
         WHERE j.lease_token = g.token AND j.status::text = 'PROCESSING'
         ORDER BY j.post_id, j.id FOR NO KEY UPDATE OF j)
UPDATE jobs j
SET status = CASE WHEN dirty OR how IN ('retry', 'released') THEN 'PENDING'
                  WHEN how = 'done' THEN 'DONE' ELSE 'FAILED' END::job_status_enum,
    finished_at = CASE WHEN NOT dirty AND how IN ('done', 'failed') THEN now() END,
    available_at = CASE WHEN how IN ('retry', 'released') THEN now() + delay_ms * interval '1 millisecond'
                        WHEN NOT dirty THEN available_at
                        WHEN how = 'done' THEN now() ELSE now() + interval '1 minute' END,
    created_at = CASE WHEN dirty AND how = 'done' THEN coalesce(locked_at, created_at) ELSE created_at END,
    attempts = CASE WHEN how = 'released' THEN greatest(attempts, 1) - 1
                    WHEN how <> 'retry' AND dirty THEN 0 ELSE attempts END,
    dirty = dirty AND how IN ('retry', 'released'),
    payload = CASE WHEN jsonb_typeof(payload) <> 'object' THEN payload
                   WHEN how = 'released' THEN jsonb_build_object('handed_back_at', extract(epoch FROM now())) || payload
                   ELSE payload - 'handed_back_at' END,
    error = CASE how WHEN 'done' THEN NULL WHEN 'released' THEN j.error ELSE left(held.error, 500) END,
    locked_at = NULL, locked_by = NULL, worker_id = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
FROM held
WHERE j.id = held.id
RETURNING j.id AS job, j.status::text
