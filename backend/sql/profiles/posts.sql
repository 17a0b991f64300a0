-- A page of a public profile's posts, newest first, ten a page.
-- $1 uuid caller or null   $2 text slug
-- $3 bigint, $4 uuid cursor: microseconds since 1970 and id of the last post seen, or null
-- 200 ProfilePosts | 401 invalid token | 404 public profile not found
-- next_cursor is "<$3>-<$4>" of the last post, "" at the end. The ids of a page come from the index
-- alone, from the cursor on; with whole rows the planner may sort all posts of the persona.
WITH cursor AS (
         SELECT CASE WHEN $3::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id),
     profile AS (SELECT persona_id FROM persona_public_profiles WHERE slug = $2::text AND is_public),
     page AS (
         SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n
         FROM posts WHERE persona_id = (SELECT persona_id FROM profile) AND status = 'PUBLISHED'
           AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
         ORDER BY created_at DESC, id DESC LIMIT 11),
     answer AS (
         SELECT json_build_object(
             'posts', coalesce(json_agg(public_post_json(p, (SELECT name FROM rooms r WHERE r.id = p.room_id))
                                        ORDER BY n) FILTER (WHERE n <= 10), '[]'),
             'next_cursor', CASE WHEN count(*) > 10
                 THEN max(CASE WHEN n = 10 THEN (extract(epoch FROM p.created_at) * 1000000)::bigint || '-' || p.id END)
                 ELSE '' END) AS body
         FROM page JOIN posts p USING (id))
SELECT CASE WHEN u.stranger THEN 401 WHEN p.persona_id IS NULL THEN 404 ELSE 200 END AS status,
       CASE WHEN u.stranger THEN 'invalid token' WHEN p.persona_id IS NULL THEN 'public profile not found'
            ELSE (SELECT body::text FROM answer) END AS body
FROM (SELECT $1::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = $1::uuid) AS stranger) u
LEFT JOIN profile p ON true
