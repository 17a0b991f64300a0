-- Makes one batch of failed jobs due again, as if they were asked for now.
-- writes
-- $1 text type or null   $2 text part of the error, or of its kind (error_kind), or null
-- $3 bigint[] jobs, or null   $4 bigint last job of the batch before   $5 int batch size
-- $6 boolean false: only count
-- One row: found int, chosen int, changed int, last bigint
-- Jobs of one type and subject are equal; a job without a subject has no equal. Of equal jobs the
-- newest one that matches is chosen, in whichever batch it is, unless an equal job is active.
-- Equal jobs are read by persona first: a persona has fewer jobs than a popular post.
-- An equal job that somebody inserts at this moment makes the statement fail with 23505 (see
-- jobs_one_active); then the statement can be sent again.
WITH found AS MATERIALIZED (
         SELECT id, job_type, persona_id, post_id, user_id, subject_date FROM jobs
         WHERE status = 'FAILED' AND id > $4::bigint AND ($1::text IS NULL OR job_type = $1::text)
           AND ($2::text IS NULL OR position($2::text IN error) > 0 OR position($2::text IN error_kind(error)) > 0)
           AND ($3::bigint[] IS NULL OR id = ANY ($3::bigint[]))
         ORDER BY id LIMIT $5::int FOR NO KEY UPDATE SKIP LOCKED),
     newest_of_batch AS MATERIALIZED (
         SELECT DISTINCT ON (job_type, persona_id, post_id, user_id, subject_date, without_subject) *
         FROM (SELECT *, CASE WHEN coalesce(post_id, persona_id, user_id) IS NULL THEN id END AS without_subject
               FROM found) f
         ORDER BY job_type, persona_id, post_id, user_id, subject_date, without_subject, id DESC),
     with_better_equal AS (
         SELECT n.id
         FROM newest_of_batch n
         CROSS JOIN LATERAL (
             SELECT * FROM jobs WHERE persona_id = n.persona_id
             UNION ALL SELECT * FROM jobs WHERE n.persona_id IS NULL AND post_id = n.post_id
             UNION ALL SELECT * FROM jobs WHERE n.persona_id IS NULL AND n.post_id IS NULL AND user_id = n.user_id) j
         WHERE j.job_type = n.job_type
           AND (j.persona_id, j.post_id, j.user_id, j.subject_date)
               IS NOT DISTINCT FROM (n.persona_id, n.post_id, n.user_id, n.subject_date)
           AND (j.status IN ('PENDING', 'PROCESSING')
                OR j.status = 'FAILED' AND j.id > n.id AND ($3::bigint[] IS NULL OR j.id = ANY ($3::bigint[]))
                   AND ($2::text IS NULL OR position($2::text IN error) > 0
                        OR position($2::text IN error_kind(error)) > 0))),
     chosen AS MATERIALIZED (
         SELECT id FROM newest_of_batch WHERE id NOT IN (SELECT id FROM with_better_equal)),
     changed AS (
         UPDATE jobs
         SET status = 'PENDING', attempts = 0, dirty = false, error = NULL, finished_at = NULL, available_at = now(),
             created_at = now(), updated_at = now()
         WHERE $6::boolean AND id = ANY (ARRAY(SELECT id FROM chosen))
         RETURNING id)
SELECT (SELECT count(*) FROM found)::int AS found,
       (SELECT count(*) FROM chosen)::int AS chosen,
       (SELECT count(*) FROM changed)::int AS changed,
       (SELECT max(id) FROM found) AS last
