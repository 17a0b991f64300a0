-- A persona of the caller's.
-- $1 uuid caller   $2 uuid persona
-- 200 Persona | 401 invalid token | 404 persona not found

-- include verdicts/own_persona

-- .
SELECT id, name, bio, tone, writing_samples, do_not_say, catchphrases, preferred_language, formality,
       daily_draft_quota, daily_reply_quota, created_at, updated_at
FROM personas WHERE id = $2::uuid AND user_id = $1::uuid
