-- Deletes a persona of the caller's, with its digests, activity and jobs. Its posts and replies
-- stay, without a persona.
-- writes
-- $1 uuid caller   $2 uuid persona
-- 200 {deleted} | 401 invalid token | 404 persona not found
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     persona AS (DELETE FROM personas WHERE id = $2::uuid AND user_id = (SELECT id FROM caller) RETURNING id),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM persona)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status, coalesce(error, json_build_object('deleted', true)::text) AS body FROM verdict
