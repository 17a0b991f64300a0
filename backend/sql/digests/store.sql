-- Stores a persona's digest of a day and finishes its job.
-- first: personas/lock_any
-- $1 uuid persona   $2 date day   $3 text summary   $4 json stats   $5 boolean degraded   $6 bigint job   $7 uuid lease token
-- $8 bigint ms until the next try where the digest is degraded
-- 200 null, with the third column job_status text: DONE or PENDING | 409 lease lost
-- Activity that came meanwhile makes the job due a minute after this refresh. A degraded digest is made again, its attempt given back.
-- created_at of a job that was asked for again becomes the time of the claim: its age is that of what isn't digested yet.
WITH job AS (
         UPDATE jobs
         SET status = CASE WHEN dirty OR $5::boolean THEN 'PENDING' ELSE 'DONE' END::job_status_enum,
             finished_at = CASE WHEN NOT (dirty OR $5::boolean) THEN now() END,
             available_at = CASE WHEN $5::boolean THEN now() + $8::bigint * interval '1 millisecond'
                                 WHEN dirty THEN now() + interval '1 minute' ELSE available_at END,
             created_at = CASE WHEN dirty AND NOT $5::boolean THEN coalesce(locked_at, created_at) ELSE created_at END,
             attempts = CASE WHEN $5::boolean THEN greatest(attempts - 1, 0) WHEN dirty THEN 0 ELSE attempts END,
             dirty = false, error = NULL, locked_at = NULL, locked_by = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
         WHERE id = $6::bigint AND lease_token = $7::uuid AND status = 'PROCESSING'
         RETURNING status),
     digest AS (
         INSERT INTO persona_digests (persona_id, date, summary, stats, degraded)
         SELECT $1::uuid, $2::date, $3::text, $4::jsonb, $5::boolean FROM job
         ON CONFLICT (persona_id, date) DO UPDATE
             SET summary = excluded.summary, stats = excluded.stats, degraded = excluded.degraded, updated_at = now())
SELECT 200 AS status, NULL AS body, status::text AS job_status FROM job
UNION ALL
SELECT 409, 'lease lost', NULL WHERE NOT EXISTS (SELECT FROM job)
