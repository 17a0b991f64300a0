-- Stores a user's digest of a week and finishes its job.
-- first: users/lock
-- $1 uuid user   $2 date the week's Monday   $3 json items   $4 boolean degraded   $5 bigint job   $6 uuid lease token
-- $7 bigint ms until the next try where the digest is degraded, at least
-- 200 null, with the third column job_status text: DONE or PENDING | 409 lease lost
-- A degraded digest is made again, its attempt given back: after as long as its job is old, at most ten minutes, as an outage that lasts makes
-- everybody's digests degraded.
WITH job AS (
         UPDATE jobs
         SET status = CASE WHEN dirty OR $4::boolean THEN 'PENDING' ELSE 'DONE' END::job_status_enum,
             finished_at = CASE WHEN NOT (dirty OR $4::boolean) THEN now() END,
             available_at = CASE WHEN $4::boolean THEN now() + greatest($7::bigint * interval '1 millisecond',
                                 least(age_in_hours(created_at)::double precision * interval '1 hour', interval '10 minutes'))
                                 WHEN dirty THEN now() + interval '1 minute' ELSE available_at END,
             created_at = CASE WHEN dirty AND NOT $4::boolean THEN coalesce(locked_at, created_at) ELSE created_at END,
             attempts = CASE WHEN $4::boolean THEN greatest(attempts - 1, 0) WHEN dirty THEN 0 ELSE attempts END,
             dirty = false, error = NULL, locked_at = NULL, locked_by = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
         WHERE id = $5::bigint AND lease_token = $6::uuid AND status = 'PROCESSING'
         RETURNING status),
     digest AS (
         INSERT INTO weekly_digests (user_id, week_start, items, degraded)
         SELECT $1::uuid, $2::date, $3::jsonb, $4::boolean FROM job
         ON CONFLICT (user_id, week_start) DO UPDATE SET items = excluded.items, degraded = excluded.degraded, updated_at = now())
SELECT 200 AS status, NULL AS body, status::text AS job_status FROM job
UNION ALL
SELECT 409, 'lease lost', NULL WHERE NOT EXISTS (SELECT FROM job)
