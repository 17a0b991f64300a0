-- Stores personas' digests of a day and finishes their jobs.
-- writes
-- first: personas/lock_many
-- $1 uuid[] personas   $2 date[] days   $3 text[] summaries   $4 text[] stats, JSON
-- $5 boolean[] degraded   $6 bigint[] jobs   $7 uuid[] lease tokens
-- $8 bigint[] ms until the next try if the digest is degraded
-- Rows: job bigint, status int, error text
-- 200 null: stored | 409 lease lost
-- New activity during the job (dirty) makes the job due a minute after this refresh. A degraded
-- digest is made again, and its attempt doesn't count.
-- created_at of a job that was asked for again becomes the time of the claim, so that the age of
-- the job is the age of the oldest activity without a digest.
WITH given AS MATERIALIZED (
         SELECT * FROM unnest($1::uuid[], $2::date[], $3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::uuid[],
                              $8::bigint[])
                       AS g(persona_id, day, summary, stats, degraded, job_id, token, delay_ms)),
     job AS (
         UPDATE jobs j
         SET status = CASE WHEN dirty OR degraded THEN 'PENDING' ELSE 'DONE' END::job_status_enum,
             finished_at = CASE WHEN NOT (dirty OR degraded) THEN now() END,
             available_at = CASE WHEN degraded THEN now() + delay_ms * interval '1 millisecond'
                                 WHEN dirty THEN now() + interval '1 minute' ELSE available_at END,
             created_at = CASE WHEN dirty AND NOT degraded THEN coalesce(locked_at, created_at) ELSE created_at END,
             attempts = CASE WHEN degraded THEN greatest(attempts, 1) - 1 WHEN dirty THEN 0 ELSE attempts END,
             dirty = false, error = NULL, locked_at = NULL, locked_by = NULL, worker_id = NULL, lease_until = NULL,
             lease_token = NULL, updated_at = now()
         FROM given g
         WHERE j.id = g.job_id AND j.lease_token = g.token AND j.status::text = 'PROCESSING'
         RETURNING j.id),
     digest AS (
         INSERT INTO persona_digests (persona_id, date, summary, stats, degraded)
         SELECT g.persona_id, g.day, g.summary, g.stats::jsonb, g.degraded FROM given g JOIN job ON job.id = g.job_id
         ORDER BY g.persona_id, g.day
         ON CONFLICT (persona_id, date) DO UPDATE
             SET summary = excluded.summary, stats = excluded.stats, degraded = excluded.degraded, updated_at = now())
SELECT g.job_id AS job, CASE WHEN job.id IS NULL THEN 409 ELSE 200 END AS status,
       CASE WHEN job.id IS NULL THEN 'lease lost' END AS error
FROM given g LEFT JOIN job ON job.id = g.job_id
