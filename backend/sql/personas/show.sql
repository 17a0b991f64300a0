-- A persona of the caller's.
-- $1 uuid caller   $2 uuid persona
-- 200 Persona | 401 invalid token | 404 persona not found

-- include verdicts/own_persona

-- .
SELECT p.id, p.name, p.bio, p.tone, p.writing_samples, p.do_not_say, p.catchphrases, p.preferred_language, p.formality,
       p.daily_draft_quota, p.daily_reply_quota, f.slug AS "profile.slug",
       coalesce(f.is_public, false) AS "profile.is_public", n.followers AS "profile.followers",
       u.drafts AS "today.drafts", u.replies AS "today.replies", u.previews AS "today.previews",
       quotas_reset_at() AS resets_at, p.created_at, p.updated_at
FROM personas p
CROSS JOIN LATERAL units_today(p.id) u
CROSS JOIN LATERAL (SELECT coalesce(sum(followers), 0)::bigint AS followers
                    FROM persona_follower_counts WHERE persona_id = p.id) n
LEFT JOIN persona_public_profiles f ON f.persona_id = p.id
WHERE p.id = $2::uuid AND p.user_id = $1::uuid
