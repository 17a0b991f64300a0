-- Asks for the digests of one batch of personas: those of the last seven days that are missing or
-- older than the activity of their day, and that no active job makes.
-- writes
-- $1 uuid last persona of the batch before, or null   $2 int batch size
-- $3 boolean false: only count
-- One row: looked int, stale int, asked int, last uuid
-- Personas are locked in order and before their jobs, as in every statement that asks for a digest.
WITH batch AS MATERIALIZED (
         SELECT id FROM personas WHERE id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
         ORDER BY id LIMIT $2::int),
     stale AS MATERIALIZED (
         SELECT batch.id AS persona_id, day FROM batch CROSS JOIN LATERAL stale_digest_days(batch.id) day
         WHERE NOT EXISTS (SELECT FROM jobs j
                           WHERE j.job_type = 'persona_digest' AND j.persona_id = batch.id AND j.subject_date = day
                             AND j.status IN ('PENDING', 'PROCESSING'))),
     held AS MATERIALIZED (
         SELECT id FROM personas WHERE $3::boolean AND id = ANY (ARRAY(SELECT persona_id FROM stale))
         ORDER BY id FOR KEY SHARE),
     asked AS (
         INSERT INTO jobs (job_type, persona_id, subject_date, payload)
         SELECT 'persona_digest', persona_id, day, jsonb_build_object('persona_id', persona_id)
         FROM stale JOIN held ON held.id = persona_id
         ORDER BY persona_id, day
         ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
             WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
             DO NOTHING
         RETURNING id)
SELECT (SELECT count(*) FROM batch)::int AS looked, (SELECT count(*) FROM stale)::int AS stale,
       (SELECT count(*) FROM asked)::int AS asked, (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last
