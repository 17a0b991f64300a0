-- Puts a failed attempt back for later.
-- $1 bigint job   $2 uuid lease token   $3 bigint delay in ms   $4 text error
-- One row: status text; none where the lease was lost
UPDATE jobs
SET status = 'PENDING', available_at = now() + $3::bigint * interval '1 millisecond', error = left($4::text, 500),
    locked_at = NULL, locked_by = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
WHERE id = $1::bigint AND lease_token = $2::uuid AND status = 'PROCESSING'
RETURNING status::text
