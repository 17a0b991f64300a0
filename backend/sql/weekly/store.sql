-- Stores users' digests of a week and finishes their jobs.
-- writes
-- first: users/lock_many
-- $1 uuid[] users   $2 date[] the weeks' Mondays   $3 text[] items, JSON   $4 boolean[] degraded
-- $5 bigint[] jobs   $6 uuid[] lease tokens
-- $7 bigint[] ms until the next try if the digest is degraded, at least
-- Rows: job bigint, status int, error text
-- 200 null: stored | 409 lease lost
-- A degraded digest is made again, and its attempt doesn't count. The wait is the age of its job,
-- at most ten minutes, since a long outage makes every digest degraded.
WITH given AS MATERIALIZED (
         SELECT * FROM unnest($1::uuid[], $2::date[], $3::text[], $4::boolean[], $5::bigint[], $6::uuid[], $7::bigint[])
                       AS g(user_id, week, items, degraded, job_id, token, delay_ms)),
     job AS (
         UPDATE jobs j
         SET status = CASE WHEN dirty OR degraded THEN 'PENDING' ELSE 'DONE' END::job_status_enum,
             finished_at = CASE WHEN NOT (dirty OR degraded) THEN now() END,
             available_at = CASE WHEN degraded THEN now() + greatest(delay_ms * interval '1 millisecond',
                                     least(age_in_hours(created_at)::double precision * interval '1 hour',
                                           interval '10 minutes'))
                                 WHEN dirty THEN now() + interval '1 minute' ELSE available_at END,
             created_at = CASE WHEN dirty AND NOT degraded THEN coalesce(locked_at, created_at) ELSE created_at END,
             attempts = CASE WHEN degraded THEN greatest(attempts, 1) - 1 WHEN dirty THEN 0 ELSE attempts END,
             payload = CASE WHEN jsonb_typeof(payload) = 'object' THEN payload - 'handed_back_at' ELSE payload END,
             dirty = false, error = NULL, locked_at = NULL, locked_by = NULL, worker_id = NULL, lease_until = NULL,
             lease_token = NULL, updated_at = now()
         FROM given g
         WHERE j.id = g.job_id AND j.lease_token = g.token AND j.status::text = 'PROCESSING'
         RETURNING j.id),
     digest AS (
         INSERT INTO weekly_digests (user_id, week_start, items, degraded)
         SELECT g.user_id, g.week, g.items::jsonb, g.degraded FROM given g JOIN job ON job.id = g.job_id
         ORDER BY g.user_id, g.week
         ON CONFLICT (user_id, week_start) DO UPDATE
             SET items = excluded.items, degraded = excluded.degraded, updated_at = now())
SELECT g.job_id AS job, CASE WHEN job.id IS NULL THEN 409 ELSE 200 END AS status,
       CASE WHEN job.id IS NULL THEN 'lease lost' END AS error
FROM given g LEFT JOIN job ON job.id = g.job_id
