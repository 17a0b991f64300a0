-- Stores a thread's summary and finishes its job; where the summary was asked for again meanwhile the job is due again at once.
-- $1 uuid post   $2 text version   $3 text summary   $4 bigint job   $5 uuid lease token
-- 200 null, with the third column job_status text: DONE or PENDING | 409 lease lost
-- The job row comes first: who has the token has the job.
WITH job AS (
         UPDATE jobs
         SET status = CASE WHEN dirty THEN 'PENDING' ELSE 'DONE' END::job_status_enum, finished_at = CASE WHEN NOT dirty THEN now() END,
             created_at = CASE WHEN dirty THEN coalesce(locked_at, created_at) ELSE created_at END,
             available_at = CASE WHEN dirty THEN now() ELSE available_at END, attempts = CASE WHEN dirty THEN 0 ELSE attempts END,
             dirty = false, error = NULL, locked_at = NULL, locked_by = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
         WHERE id = $4::bigint AND lease_token = $5::uuid AND status = 'PROCESSING'
         RETURNING status),
     summary AS (
         INSERT INTO thread_summaries (post_id, version, summary)
         SELECT $1::uuid, $2::text, $3::text FROM job
         ON CONFLICT (post_id) DO UPDATE SET version = excluded.version, summary = excluded.summary, updated_at = now())
SELECT 200 AS status, NULL AS body, status::text AS job_status FROM job
UNION ALL
SELECT 409, 'lease lost', NULL WHERE NOT EXISTS (SELECT FROM job)
