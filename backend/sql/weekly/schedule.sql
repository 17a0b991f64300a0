-- Asks for the weekly digests of one batch of users who are due, and sets when each is due again:
-- six hours after the digest was made, or on Monday. A user who wasn't active for 30 days gets no
-- digest and is not due again before the next request (users/active).
-- writes
-- $1 int batch size
-- One row: due int: how many were due, at most the batch; enqueued int; next_ms bigint until the
--          next user is due, at most an hour, 0 if one is due (also if another worker has the row),
--          null without any
-- Any number of workers may run it: each takes rows that no other has. The job and the new time are
-- one statement, so that no turn is lost.
-- Reads the due end of users_weekly_due and the rows of these users, however many users there are.
-- Subqueries and arrays do so; for a join the planner may scan tables.
WITH due AS MATERIALIZED (
         SELECT u.id, greatest(u.last_active_at, u.created_at) > now() - interval '30 days' AS is_active
         FROM users u WHERE u.weekly_due_at <= now()
         ORDER BY u.weekly_due_at LIMIT $1::int
         FOR NO KEY UPDATE SKIP LOCKED),
     turn AS MATERIALIZED (
         SELECT id, is_active, (SELECT d.updated_at FROM weekly_digests d
                                WHERE d.user_id = due.id AND d.week_start = this_monday()
                                  AND d.updated_at > now() - interval '6 hours') AS made_at
         FROM due),
     planned AS (
         UPDATE users u
         SET weekly_due_at = CASE WHEN is_active
             THEN least(least(made_at, now()) + interval '6 hours',
                        (this_monday() + 7)::timestamp AT TIME ZONE 'UTC') END
         FROM turn WHERE u.id = turn.id AND u.id = ANY (ARRAY(SELECT id FROM due))),
     asked AS (
         INSERT INTO jobs (job_type, user_id, subject_date, payload)
         SELECT 'weekly_digest', id, this_monday(), jsonb_build_object('user_id', id) FROM turn
         WHERE is_active AND made_at IS NULL
         ORDER BY id
         ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
             WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
             DO NOTHING
         RETURNING id)
SELECT (SELECT count(*) FROM due)::int AS due, (SELECT count(*) FROM asked)::int AS enqueued,
       (SELECT ceil(greatest(
                   least(extract(epoch FROM weekly_due_at) - extract(epoch FROM now()), 3600), 0) * 1000)::bigint
        FROM users WHERE weekly_due_at IS NOT NULL AND id NOT IN (SELECT id FROM due)
        ORDER BY weekly_due_at LIMIT 1) AS next_ms
