-- The digest of the current UTC day of a persona of the caller's; an empty one where there is none.
-- $1 uuid caller   $2 uuid persona
-- 200 {digest, exists} | 401 invalid token | 404 persona not found

-- include verdicts/own_persona

-- .
SELECT $2::uuid AS "digest.persona_id", coalesce(d.date, (now() AT TIME ZONE 'UTC')::date) AS "digest.date",
       coalesce(d.summary, '') AS "digest.summary", coalesce(d.posts, '0') AS "digest.stats.posts",
       coalesce(d.replies, '0') AS "digest.stats.replies", coalesce(d.top_threads, '[]') AS "digest.stats.top_threads",
       coalesce(d.has_activity, false) AS "digest.has_activity", coalesce(d.updated_at, now()) AS "digest.updated_at",
       d.persona_id IS NOT NULL AS exists
FROM (VALUES (1)) one
LEFT JOIN shown_persona_digests d ON d.persona_id = $2::uuid AND d.date = (now() AT TIME ZONE 'UTC')::date
