-- Ends a job as done; one that was asked for again meanwhile is due again at once.
-- $1 bigint job   $2 uuid lease token
-- One row: status text, DONE or PENDING; none where the lease was lost
UPDATE jobs
SET status = CASE WHEN dirty THEN 'PENDING' ELSE 'DONE' END::job_status_enum, finished_at = CASE WHEN NOT dirty THEN now() END,
    created_at = CASE WHEN dirty THEN coalesce(locked_at, created_at) ELSE created_at END,
    available_at = CASE WHEN dirty THEN now() ELSE available_at END, attempts = CASE WHEN dirty THEN 0 ELSE attempts END,
    dirty = false, error = NULL, locked_at = NULL, locked_by = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
WHERE id = $1::bigint AND lease_token = $2::uuid AND status = 'PROCESSING'
RETURNING status::text
