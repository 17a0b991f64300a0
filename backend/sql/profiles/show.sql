-- A public profile with its newest posts. No calibration: neither samples nor phrases nor quotas.
-- $1 uuid caller or null   $2 text slug
-- 200 ProfilePage, with the third column event_metadata json {slug, persona_id}
-- 401 invalid token | 404 public profile not found
-- next_cursor is that of profiles/posts; the newest are found as there.
WITH profile AS (
         SELECT f.persona_id, f.slug, f.bio, f.created_at, p.name, p.tone, p.preferred_language, p.formality
         FROM persona_public_profiles f JOIN personas p ON p.id = f.persona_id WHERE f.slug = $2::text AND f.is_public),
     newest AS (
         SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n
         FROM posts WHERE persona_id = (SELECT persona_id FROM profile) AND status = 'PUBLISHED'
         ORDER BY created_at DESC, id DESC LIMIT 11),
     page AS (
         SELECT coalesce(json_agg(public_post_json(p, (SELECT name FROM rooms r WHERE r.id = p.room_id))
                                  ORDER BY n) FILTER (WHERE n <= 10), '[]')
                    AS posts,
                CASE WHEN count(*) > 10
                     THEN max(CASE WHEN n = 10
                                   THEN (extract(epoch FROM p.created_at) * 1000000)::bigint || '-' || p.id END)
                     ELSE '' END AS next_cursor
         FROM newest JOIN posts p USING (id)),
     counts AS (
         SELECT room_id, count(*) AS posts FROM posts
         WHERE persona_id = (SELECT persona_id FROM profile) AND status = 'PUBLISHED' GROUP BY room_id),
     top AS (
         SELECT r.id, r.name, c.posts FROM counts c JOIN rooms r ON r.id = c.room_id
         ORDER BY c.posts DESC, r.name, r.id LIMIT 3),
     answer AS (
         SELECT json_build_object('persona_id', persona_id, 'slug', slug, 'name', name, 'bio', bio, 'tone', tone,
                    'preferred_language', preferred_language, 'formality', formality, 'is_public', true,
                    'followers', (SELECT coalesce(sum(followers), 0) FROM persona_follower_counts c
                                  WHERE c.persona_id = profile.persona_id),
                    'posts_count', (SELECT coalesce(sum(posts), 0) FROM counts),
                    'badges', array_remove(ARRAY['Public Persona', upper(preferred_language),
                                                 'Tone: ' || nullif(btrim(tone), ''),
                                                 CASE WHEN formality >= 2 THEN 'Formal' ELSE 'Conversational' END],
                                           NULL),
                    'created_at', utc(created_at)) AS profile,
                page.posts AS latest_posts,
                (SELECT coalesce(json_agg(json_build_object('room_id', id, 'room_name', name, 'post_count', posts)
                                          ORDER BY posts DESC, name, id), '[]')
                 FROM top) AS top_rooms,
                page.next_cursor
         FROM profile, page)
SELECT CASE WHEN u.stranger THEN 401 WHEN a.profile IS NULL THEN 404 ELSE 200 END AS status,
       CASE WHEN u.stranger THEN 'invalid token' WHEN a.profile IS NULL THEN 'public profile not found'
            ELSE row_to_json(a)::text END AS body,
       CASE WHEN NOT u.stranger THEN (SELECT json_build_object('slug', slug, 'persona_id', persona_id)::text
                                      FROM profile) END AS event_metadata
FROM (SELECT $1::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = $1::uuid) AS stranger) u
LEFT JOIN answer a ON true
