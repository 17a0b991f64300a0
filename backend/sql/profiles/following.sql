-- A page of the personas that the caller follows, newest first, 100 a page. One that isn't public
-- now has no slug.
-- $1 uuid caller
-- $2 bigint, $3 uuid cursor: microseconds since 1970 and id of the last persona seen, or null
-- 200 {personas: [Followed], next_cursor: "<$2>-<$3>" of the last persona, "" at the end}
-- 401 invalid token

-- include verdicts/caller

-- personas[]: page of 100 by followed_at, persona_id
WITH cursor AS (
         SELECT CASE WHEN $2::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $2::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id)
SELECT f.followed_persona_id AS persona_id, s.slug, p.name, f.created_at AS followed_at
FROM (SELECT * FROM persona_follows
      WHERE follower_user_id = $1::uuid
        AND (created_at, followed_persona_id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
      ORDER BY created_at DESC, followed_persona_id DESC LIMIT 101) f
JOIN personas p ON p.id = f.followed_persona_id
LEFT JOIN persona_public_profiles s ON s.persona_id = p.id AND s.is_public
ORDER BY f.created_at DESC, f.followed_persona_id DESC
