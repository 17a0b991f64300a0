-- Ends a job as failed for good.
-- $1 bigint job   $2 uuid lease token   $3 text error
-- One row: status text; none where the lease was lost
-- One that was asked for again meanwhile begins anew, a minute later: what fails at once must not spin.
UPDATE jobs
SET status = CASE WHEN dirty THEN 'PENDING' ELSE 'FAILED' END::job_status_enum, finished_at = CASE WHEN NOT dirty THEN now() END,
    available_at = CASE WHEN dirty THEN now() + interval '1 minute' ELSE available_at END, attempts = CASE WHEN dirty THEN 0 ELSE attempts END,
    dirty = false, error = left($3::text, 500), locked_at = NULL, locked_by = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
WHERE id = $1::bigint AND lease_token = $2::uuid AND status = 'PROCESSING'
RETURNING status::text
