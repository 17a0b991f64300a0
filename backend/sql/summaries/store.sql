-- Stores threads' summaries and finishes their jobs. The job of a summary that was asked for again
-- meanwhile is due again at once.
-- writes
-- $1 uuid[] posts   $2 text[] versions   $3 text[] summaries   $4 bigint[] jobs
-- $5 uuid[] lease tokens
-- Rows: job bigint, status int, error text
-- 200 null: stored | 409 lease lost
-- Locks the posts, then the job rows, as a post's deletion does. A row's token names the worker
-- that has the job.
WITH given AS MATERIALIZED (
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::uuid[])
                       AS g(post_id, version, summary, job_id, token)),
     post AS MATERIALIZED (SELECT id FROM posts WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE),
     held AS MATERIALIZED (
         SELECT j.id FROM given g JOIN jobs j ON j.id = g.job_id AND j.lease_token = g.token
         WHERE j.status::text = 'PROCESSING' AND (SELECT count(*) FROM post) >= 0
         ORDER BY j.post_id, j.id FOR NO KEY UPDATE OF j),
     job AS (
         UPDATE jobs
         SET status = CASE WHEN dirty THEN 'PENDING' ELSE 'DONE' END::job_status_enum,
             finished_at = CASE WHEN NOT dirty THEN now() END,
             created_at = CASE WHEN dirty THEN coalesce(locked_at, created_at) ELSE created_at END,
             available_at = CASE WHEN dirty THEN now() ELSE available_at END,
             attempts = CASE WHEN dirty THEN 0 ELSE attempts END,
             dirty = false, error = NULL, locked_at = NULL, locked_by = NULL, worker_id = NULL, lease_until = NULL,
             lease_token = NULL, updated_at = now()
         WHERE id = ANY (ARRAY(SELECT id FROM held))
         RETURNING id),
     summary AS (
         INSERT INTO thread_summaries (post_id, version, summary)
         SELECT g.post_id, g.version, g.summary FROM given g JOIN job ON job.id = g.job_id ORDER BY g.post_id
         ON CONFLICT (post_id) DO UPDATE SET version = excluded.version, summary = excluded.summary, updated_at = now())
SELECT g.job_id AS job, CASE WHEN job.id IS NULL THEN 409 ELSE 200 END AS status,
       CASE WHEN job.id IS NULL THEN 'lease lost' END AS error
FROM given g LEFT JOIN job ON job.id = g.job_id
