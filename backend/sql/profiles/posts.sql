-- A page of a public profile's posts, newest first, ten a page.
-- $1 uuid caller or null   $2 text slug
-- $3 bigint, $4 uuid cursor: microseconds since 1970 and id of the last post seen, or null
-- 200 ProfilePosts | 401 invalid token | 404 public profile not found
-- The ids of a page come from the index alone, from the cursor on; with whole rows the planner may
-- sort all posts of the persona.

-- include verdicts/public_profile

-- posts[]: page of 10 by created_at, id
WITH cursor AS (
         SELECT CASE WHEN $3::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id),
     page AS (
         SELECT id FROM posts
         WHERE persona_id = (SELECT persona_id FROM persona_public_profiles WHERE slug = $2::text AND is_public)
           AND status = 'PUBLISHED' AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
         ORDER BY created_at DESC, id DESC LIMIT 11)
SELECT p.id, p.room_id, r.name AS room_name, p.authored_by, p.content, p.created_at
FROM page JOIN posts p USING (id) JOIN rooms r ON r.id = p.room_id
ORDER BY p.created_at DESC, p.id DESC
