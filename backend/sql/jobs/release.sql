-- Hands a job back unattempted.
-- $1 bigint job   $2 uuid lease token   $3 bigint delay in ms
-- One row: status text; none where the lease was lost
UPDATE jobs
SET status = 'PENDING', available_at = now() + $3::bigint * interval '1 millisecond', attempts = greatest(attempts - 1, 0),
    locked_at = NULL, locked_by = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
WHERE id = $1::bigint AND lease_token = $2::uuid AND status = 'PROCESSING'
RETURNING status::text
