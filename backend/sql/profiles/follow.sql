-- Follows a public profile's persona and notifies its owner, once.
-- writes
-- $1 uuid caller or null   $2 text slug
-- 200 Follow, with the third column notification bigint, null if there was none to send
-- 401 invalid token | 404 public profile not found | 401 signup_required
-- 409 cannot follow your own persona
-- Locks the persona against its deletion. After every 200 the caller is a follower, so the number
-- includes the caller even if the row of another request isn't visible yet.
WITH profile AS (
         SELECT p.id, p.user_id, p.name, f.slug FROM persona_public_profiles f JOIN personas p ON p.id = f.persona_id
         WHERE f.slug = $2::text AND f.is_public FOR KEY SHARE OF p),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE $1::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = $1::uuid)
         UNION ALL SELECT 404, 'public profile not found' WHERE NOT EXISTS (SELECT FROM profile)
         UNION ALL SELECT 401, 'signup_required' WHERE $1::uuid IS NULL
         UNION ALL SELECT 409, 'cannot follow your own persona' FROM profile WHERE user_id = $1::uuid
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     follow AS (
         INSERT INTO persona_follows (follower_user_id, followed_persona_id)
         SELECT $1::uuid, profile.id FROM profile, verdict WHERE status = 200
         ON CONFLICT DO NOTHING
         RETURNING followed_persona_id),
     notified AS (
         INSERT INTO notifications (user_id, actor_user_id, type, title, body, metadata)
         SELECT user_id, $1::uuid, 'persona_followed', left('New follower for ' || name, 120),
                left('Somebody follows ' || name || ' now and sees the new posts in the feed.', 260),
                jsonb_build_object('persona_id', id, 'slug', slug, 'persona_name', name)
         FROM profile JOIN follow ON followed_persona_id = id
         RETURNING id, user_id),
     counted AS (
         SELECT (SELECT coalesce(sum(followers), 0) FROM persona_follower_counts WHERE persona_id = profile.id)
                + CASE WHEN EXISTS (SELECT FROM persona_follows
                                    WHERE follower_user_id = $1::uuid AND followed_persona_id = profile.id)
                       THEN 0 ELSE 1 END AS followers
         FROM profile)
SELECT status,
       coalesce(error, json_build_object('followed', EXISTS (SELECT FROM follow),
                                         'followers', (SELECT followers FROM counted))::text) AS body,
       (SELECT id FROM notified) AS notification, (SELECT user_id FROM notified) AS notified
FROM verdict
