-- Stores a draft that the model wrote and makes its reserved quota unit permanent.
-- first: personas/lock
-- $1 uuid caller   $2 uuid persona   $3 uuid room   $4 bigint reservation   $5 text content
-- 201 Post | 401 invalid token | 404 room not found | 404 persona not found | 429 daily draft quota reached
-- The 429 is for a reservation that ran out: another draft may have had the unit meanwhile.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     room AS (SELECT id FROM rooms WHERE id = $3::uuid FOR KEY SHARE),
     persona AS (SELECT id, name FROM personas WHERE id = $2::uuid AND user_id = (SELECT id FROM caller)),
     reservation AS (
         SELECT id FROM quota_events
         WHERE id = $4::bigint AND persona_id = $2::uuid AND quota_type = 'draft' AND expires_at > statement_timestamp() FOR UPDATE),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'room not found' WHERE NOT EXISTS (SELECT FROM room)
         UNION ALL SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM persona)
         UNION ALL SELECT 429, 'daily draft quota reached' WHERE NOT EXISTS (SELECT FROM reservation)
         UNION ALL SELECT 201, NULL
         LIMIT 1),
     kept AS (UPDATE quota_events SET expires_at = NULL WHERE id = $4::bigint AND (SELECT status FROM verdict) = 201),
     post AS (
         INSERT INTO posts (room_id, persona_id, user_id, authored_by, status, content)
         SELECT $3::uuid, $2::uuid, $1::uuid, 'AI', 'DRAFT', $5::text FROM verdict WHERE status = 201
         RETURNING post_json(posts, (SELECT name FROM persona)) AS body)
SELECT status, coalesce(error, body::text) AS body FROM verdict LEFT JOIN post ON true
