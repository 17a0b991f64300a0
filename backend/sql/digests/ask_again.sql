-- Asks for the digests of one persona: today's, and those of the last seven days that are missing
-- or older than the activity of their day.
-- writes
-- $1 uuid persona   $2 boolean false: only count
-- Rows: one if the persona exists: wanted int, missing int (wanted ones without an active job),
--       asked int
-- The persona is locked before its jobs, as in every statement that asks for a digest.
WITH persona AS MATERIALIZED (SELECT id FROM personas WHERE id = $1::uuid FOR KEY SHARE),
     wanted AS MATERIALIZED (
         SELECT id AS persona_id, day FROM persona
         CROSS JOIN LATERAL (SELECT stale_digest_days(id) AS day UNION SELECT (now() AT TIME ZONE 'UTC')::date) days),
     missing AS MATERIALIZED (
         SELECT persona_id, day FROM wanted w
         WHERE NOT EXISTS (SELECT FROM jobs j
                           WHERE j.job_type = 'persona_digest' AND j.persona_id = w.persona_id
                             AND j.subject_date = w.day
                             AND j.status IN ('PENDING', 'PROCESSING'))),
     asked AS (
         INSERT INTO jobs (job_type, persona_id, subject_date, payload)
         SELECT 'persona_digest', persona_id, day, jsonb_build_object('persona_id', persona_id) FROM missing
         WHERE $2::boolean ORDER BY day
         ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
             WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
             DO NOTHING
         RETURNING id)
SELECT (SELECT count(*) FROM wanted)::int AS wanted, (SELECT count(*) FROM missing)::int AS missing,
       (SELECT count(*) FROM asked)::int AS asked
FROM persona
