-- Makes one batch of failed jobs due again, as if they were asked for now.
-- writes
-- $1 text type or null   $2 text part of the error, or of its kind (error_kind), or null   $3 bigint[] jobs, or null
-- $4 bigint the last job that was looked at   $5 int batch   $6 boolean false: only count
-- One row: found int, chosen int, changed int, last bigint
-- Chosen are those that have no equal among the active jobs (jobs_one_active) and are the newest of equals; the others stay as they are.
-- Each branch reads jobs_one_active. An equal that somebody adds at this very moment makes it fail with 23505: then it can be sent again.
WITH found AS MATERIALIZED (
         SELECT id, job_type, persona_id, post_id, user_id, subject_date FROM jobs
         WHERE status = 'FAILED' AND id > $4::bigint AND ($1::text IS NULL OR job_type = $1::text)
           AND ($2::text IS NULL OR position($2::text IN error) > 0 OR position($2::text IN error_kind(error)) > 0)
           AND ($3::bigint[] IS NULL OR id = ANY ($3::bigint[]))
         ORDER BY id LIMIT $5::int FOR NO KEY UPDATE SKIP LOCKED),
     newest AS (
         SELECT DISTINCT ON (job_type, persona_id, post_id, user_id, subject_date, without_subject) *
         FROM (SELECT *, CASE WHEN coalesce(post_id, persona_id, user_id) IS NULL THEN id END AS without_subject FROM found) f
         ORDER BY job_type, persona_id, post_id, user_id, subject_date, without_subject, id DESC),
     chosen AS MATERIALIZED (
         SELECT id FROM newest n
         WHERE NOT CASE
             WHEN persona_id IS NOT NULL THEN EXISTS (
                 SELECT FROM jobs j WHERE j.job_type = n.job_type AND j.persona_id = n.persona_id AND j.status IN ('PENDING', 'PROCESSING')
                   AND (j.post_id, j.user_id, j.subject_date) IS NOT DISTINCT FROM (n.post_id, n.user_id, n.subject_date))
             WHEN post_id IS NOT NULL THEN EXISTS (
                 SELECT FROM jobs j WHERE j.job_type = n.job_type AND j.persona_id IS NULL AND j.post_id = n.post_id
                   AND j.status IN ('PENDING', 'PROCESSING') AND (j.user_id, j.subject_date) IS NOT DISTINCT FROM (n.user_id, n.subject_date))
             ELSE EXISTS (
                 SELECT FROM jobs j WHERE j.job_type = n.job_type AND j.persona_id IS NULL AND j.post_id IS NULL AND j.user_id = n.user_id
                   AND j.status IN ('PENDING', 'PROCESSING') AND j.subject_date IS NOT DISTINCT FROM n.subject_date) END),
     changed AS (
         UPDATE jobs
         SET status = 'PENDING', attempts = 0, dirty = false, error = NULL, finished_at = NULL, available_at = now(), created_at = now(), updated_at = now()
         WHERE $6::boolean AND id = ANY (ARRAY(SELECT id FROM chosen))
         RETURNING id)
SELECT (SELECT count(*) FROM found)::int AS found, (SELECT count(*) FROM chosen)::int AS chosen, (SELECT count(*) FROM changed)::int AS changed,
       (SELECT max(id) FROM found) AS last
