-- Ends the caller's following of a public profile's persona; who doesn't follow it gets the same.
-- writes
-- $1 uuid caller or null   $2 text slug
-- 200 {followed, followers} | 401 invalid token | 404 public profile not found
-- 401 signup_required
-- Locks the persona against its deletion. After every 200 the caller is no follower, so the number
-- leaves out the caller even if another request has deleted the row meanwhile.
WITH profile AS (
         SELECT p.id FROM persona_public_profiles f JOIN personas p ON p.id = f.persona_id
         WHERE f.slug = $2::text AND f.is_public FOR KEY SHARE OF p),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE $1::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = $1::uuid)
         UNION ALL SELECT 404, 'public profile not found' WHERE NOT EXISTS (SELECT FROM profile)
         UNION ALL SELECT 401, 'signup_required' WHERE $1::uuid IS NULL
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     gone AS (
         DELETE FROM persona_follows
         WHERE follower_user_id = $1::uuid AND followed_persona_id = (SELECT id FROM profile)
           AND (SELECT status FROM verdict) = 200),
     counted AS (
         SELECT (SELECT coalesce(sum(followers), 0) FROM persona_follower_counts WHERE persona_id = profile.id)
                - CASE WHEN EXISTS (SELECT FROM persona_follows
                                    WHERE follower_user_id = $1::uuid AND followed_persona_id = profile.id)
                       THEN 1 ELSE 0 END AS followers
         FROM profile)
SELECT status,
       coalesce(error, json_build_object('followed', false,
                                         'followers', (SELECT followers FROM counted))::text) AS body
FROM verdict
