-- Changes all fields of a persona of the caller's.
-- writes
-- $1 uuid caller   $2 uuid persona   $3 text name   $4 text bio   $5 text tone
-- $6 json writing_samples   $7 json do_not_say   $8 json catchphrases   $9 text preferred_language
-- $10 int formality   $11 int daily_draft_quota   $12 int daily_reply_quota, both > 0
-- 200 Persona | 401 invalid token | 404 persona not found
-- $4 to $10 may be null: the column's default.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     persona AS (
         UPDATE personas
         SET name = $3::text, bio = coalesce($4::text, ''), tone = coalesce($5::text, 'neutral'),
             writing_samples = coalesce($6::jsonb, '[]'), do_not_say = coalesce($7::jsonb, '[]'),
             catchphrases = coalesce($8::jsonb, '[]'), preferred_language = coalesce($9::text, 'en'),
             formality = coalesce($10::int, 1), daily_draft_quota = $11::int, daily_reply_quota = $12::int,
             updated_at = now()
         WHERE id = $2::uuid AND user_id = (SELECT id FROM caller)
         RETURNING personas AS persona),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM persona)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status, coalesce(error, body::text) AS body FROM verdict LEFT JOIN persona ON true
LEFT JOIN LATERAL persona_answer(persona.persona) ON true
