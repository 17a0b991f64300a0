-- The caller's personas, newest first.
-- $1 uuid caller
-- 200 {personas: [Persona]} | 401 invalid token

-- include verdicts/caller

-- personas[]
SELECT id, name, bio, tone, writing_samples, do_not_say, catchphrases, preferred_language, formality,
       daily_draft_quota, daily_reply_quota, created_at, updated_at
FROM personas WHERE user_id = $1::uuid ORDER BY created_at DESC, id DESC
