-- A page of the caller's personas, newest first, 200 a page.
-- $1 uuid caller
-- $2 bigint, $3 uuid cursor: microseconds since 1970 and id of the last persona seen, or null
-- 200 {personas: [Persona], next_cursor: "<$2>-<$3>" of the last persona, "" at the end}
-- 401 invalid token

-- include verdicts/caller

-- personas[]: page of 200 by created_at, id
WITH cursor AS (
         SELECT CASE WHEN $2::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $2::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id)
SELECT p.id, p.name, p.bio, p.tone, p.writing_samples, p.do_not_say, p.catchphrases, p.preferred_language, p.formality,
       p.daily_draft_quota, p.daily_reply_quota, f.slug AS "profile.slug",
       coalesce(f.is_public, false) AS "profile.is_public", n.followers AS "profile.followers",
       u.drafts AS "today.drafts", u.replies AS "today.replies", u.previews AS "today.previews",
       quotas_reset_at() AS resets_at, p.created_at, p.updated_at
FROM (SELECT * FROM personas
      WHERE user_id = $1::uuid AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
      ORDER BY created_at DESC, id DESC LIMIT 201) p
CROSS JOIN LATERAL units_today(p.id) u
CROSS JOIN LATERAL (SELECT coalesce(sum(followers), 0)::bigint AS followers
                    FROM persona_follower_counts WHERE persona_id = p.id) n
LEFT JOIN persona_public_profiles f ON f.persona_id = p.id
ORDER BY p.created_at DESC, p.id DESC
