-- Asks for a user's digest of this week, however new the last one is.
-- writes
-- $1 uuid user   $2 boolean false: only count
-- Rows: one where there is such a user: wanted int, of which there is no active job int, asked int
-- users.weekly_due_at stays: the scheduler sees by the digest that it was made.
WITH person AS MATERIALIZED (SELECT id FROM users WHERE id = $1::uuid FOR KEY SHARE),
     missing AS MATERIALIZED (
         SELECT id FROM person
         WHERE NOT EXISTS (SELECT FROM jobs j
                           WHERE j.job_type = 'weekly_digest' AND j.user_id = person.id
                             AND j.subject_date = this_monday()
                             AND j.status IN ('PENDING', 'PROCESSING'))),
     asked AS (
         INSERT INTO jobs (job_type, user_id, subject_date, payload)
         SELECT 'weekly_digest', id, this_monday(), jsonb_build_object('user_id', id) FROM missing WHERE $2::boolean
         ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
             WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
             DO NOTHING
         RETURNING id)
SELECT 1 AS wanted, (SELECT count(*) FROM missing)::int AS missing, (SELECT count(*) FROM asked)::int AS asked
FROM person
