-- Makes a persona of the caller's.
-- writes
-- first: users/lock
-- $1 uuid caller   $2 text name   $3 text bio   $4 text tone   $5 json writing_samples
-- $6 json do_not_say   $7 json catchphrases   $8 text preferred_language   $9 int formality
-- $10 int daily_draft_quota   $11 int daily_reply_quota
-- $12 int draft quota if $10 is null or <= 0
-- $13 int reply quota if $11 is null or <= 0
-- $14 int personas that a user may have
-- 201 Persona | 400 persona limit reached | 401 invalid token
-- $3 to $9 may be null: the column's default. Records the event persona_created.
WITH verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM users WHERE id = $1::uuid)
         UNION ALL SELECT 400, 'persona limit reached'
         WHERE (SELECT count(*) FROM personas WHERE user_id = $1::uuid) >= $14::int
         UNION ALL SELECT 201, NULL
         LIMIT 1),
     persona AS (
         INSERT INTO personas (user_id, name, bio, tone, writing_samples, do_not_say, catchphrases, preferred_language,
                               formality, daily_draft_quota, daily_reply_quota)
         SELECT $1::uuid, $2::text, coalesce($3::text, ''), coalesce($4::text, 'neutral'), coalesce($5::jsonb, '[]'),
                coalesce($6::jsonb, '[]'), coalesce($7::jsonb, '[]'), coalesce($8::text, 'en'), coalesce($9::int, 1),
                CASE WHEN $10::int > 0 THEN $10::int ELSE $12::int END,
                CASE WHEN $11::int > 0 THEN $11::int ELSE $13::int END
         FROM verdict WHERE status = 201
         RETURNING id, user_id, personas AS persona),
     event AS (
         INSERT INTO events (user_id, event_name, metadata)
         SELECT user_id, 'persona_created', jsonb_build_object('persona_id', id) FROM persona)
SELECT status, keep_answer(status, coalesce(error, body::text)) AS body FROM verdict LEFT JOIN persona ON true
LEFT JOIN LATERAL persona_answer(persona.persona) ON true
