-- A public profile with its newest posts. No calibration: neither samples nor phrases nor quotas.
-- $1 uuid caller or null   $2 text slug
-- 200 ProfilePage, with the column _event_metadata json {slug, persona_id}
-- 401 invalid token | 404 public profile not found
-- What a caller follows or owns is told to a caller alone: visitors share their answers.
-- next_cursor is that of profiles/posts; the newest are found as there.

-- include verdicts/public_profile

-- .
WITH found AS (
         SELECT f.persona_id, p.user_id, f.slug, f.bio, f.created_at, p.name, p.tone, p.preferred_language, p.formality
         FROM persona_public_profiles f JOIN personas p ON p.id = f.persona_id
         WHERE f.slug = $2::text AND f.is_public),
     counts AS (
         SELECT room_id, count(*) AS posts FROM posts
         WHERE persona_id = (SELECT persona_id FROM found) AND status = 'PUBLISHED' GROUP BY room_id),
     top AS (
         SELECT r.id, r.name, c.posts FROM counts c JOIN rooms r ON r.id = c.room_id
         ORDER BY c.posts DESC, r.name, r.id LIMIT 3)
SELECT persona_id AS "profile.persona_id", slug AS "profile.slug", name AS "profile.name", bio AS "profile.bio",
       tone AS "profile.tone", preferred_language AS "profile.preferred_language", formality AS "profile.formality",
       true AS "profile.is_public",
       (SELECT coalesce(sum(followers), 0)::bigint FROM persona_follower_counts c
        WHERE c.persona_id = found.persona_id) AS "profile.followers",
       (SELECT coalesce(sum(posts), 0)::bigint FROM counts) AS "profile.posts_count",
       array_remove(ARRAY['Public Persona', upper(preferred_language), 'Tone: ' || nullif(btrim(tone), ''),
                          CASE WHEN formality >= 2 THEN 'Formal' ELSE 'Conversational' END], NULL) AS "profile.badges",
       found.created_at AS "profile.created_at",
       CASE WHEN $1::uuid IS NOT NULL THEN w.follower_user_id IS NOT NULL END AS "profile.following",
       found.user_id = $1::uuid AS "profile.mine",
       (SELECT coalesce(json_agg(json_build_object('room_id', id, 'room_name', name, 'post_count', posts)
                                 ORDER BY posts DESC, name, id), '[]')
        FROM top) AS top_rooms,
       json_build_object('slug', slug, 'persona_id', persona_id) AS _event_metadata
FROM found
LEFT JOIN persona_follows w ON w.follower_user_id = $1::uuid AND w.followed_persona_id = found.persona_id

-- latest_posts[]: page of 10 by created_at, id
WITH page AS (
         SELECT id FROM posts
         WHERE persona_id = (SELECT persona_id FROM persona_public_profiles WHERE slug = $2::text AND is_public)
           AND status = 'PUBLISHED'
         ORDER BY created_at DESC, id DESC LIMIT 11)
SELECT p.id, p.room_id, r.name AS room_name, p.authored_by, p.content, p.created_at
FROM page JOIN posts p USING (id) JOIN rooms r ON r.id = p.room_id
ORDER BY p.created_at DESC, p.id DESC
