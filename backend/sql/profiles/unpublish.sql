-- Takes a persona's profile off the public pages. The persona keeps its slug. Without a profile
-- nothing changes.
-- writes
-- $1 uuid caller   $2 uuid persona   $3 text origin of the pages
-- 200 UnpublishedProfile | 401 invalid token | 404 persona not found
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     persona AS (SELECT id FROM personas WHERE id = $2::uuid AND user_id = (SELECT id FROM caller)),
     profile AS (
         UPDATE persona_public_profiles SET is_public = false WHERE persona_id = (SELECT id FROM persona)
         RETURNING slug, $3::text || '/p/' || slug AS share_url),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM persona)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status,
       coalesce(error, json_build_object('persona_id', $2::uuid, 'slug', coalesce(slug, ''), 'is_public', false,
                                         'share_url', coalesce(share_url, ''))::text) AS body
FROM verdict LEFT JOIN profile ON true
