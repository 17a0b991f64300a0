-- Asks for the weekly digests of one batch of users: those who were active within 30 days, whose
-- digest of this week is missing or older than six hours, and for whom no active job makes one.
-- writes
-- $1 uuid last user of the batch before, or null   $2 int batch size   $3 boolean false: only count
-- One row: looked int, stale int, asked int, last uuid
-- The rule is that of weekly/schedule, without users.weekly_due_at.
WITH batch AS MATERIALIZED (
         SELECT id, greatest(last_active_at, created_at) > now() - interval '30 days' AS is_active FROM users
         WHERE id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT $2::int),
     stale AS MATERIALIZED (
         SELECT id FROM batch
         WHERE is_active
           AND NOT EXISTS (SELECT FROM weekly_digests d
                           WHERE d.user_id = batch.id AND d.week_start = this_monday()
                             AND d.updated_at > now() - interval '6 hours')
           AND NOT EXISTS (SELECT FROM jobs j
                           WHERE j.job_type = 'weekly_digest' AND j.user_id = batch.id
                             AND j.subject_date = this_monday()
                             AND j.status IN ('PENDING', 'PROCESSING'))),
     held AS MATERIALIZED (
         SELECT id FROM users WHERE $3::boolean AND id = ANY (ARRAY(SELECT id FROM stale)) ORDER BY id FOR KEY SHARE),
     asked AS (
         INSERT INTO jobs (job_type, user_id, subject_date, payload)
         SELECT 'weekly_digest', id, this_monday(), jsonb_build_object('user_id', id) FROM held ORDER BY id
         ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
             WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
             DO NOTHING
         RETURNING id)
SELECT (SELECT count(*) FROM batch)::int AS looked, (SELECT count(*) FROM stale)::int AS stale,
       (SELECT count(*) FROM asked)::int AS asked, (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last
