-- Reserves a unit of the persona's draft or preview quota and gives the brief of the model. The
-- request's idempotency key is held as long as the unit.
-- writes
-- first: personas/lock_own
-- $1 uuid caller   $2 uuid persona   $3 uuid room   $4 text quota type
-- $5 int units a day, or null: the persona's draft quota   $6 int seconds to hold the unit
-- $7 int calls of the model that the unit takes   $8 int calls that a user has a day
-- 200 brief {persona, room}, with the third column reservation bigint, then used bigint and quota
--     int: the day's units with this one, and how many there may be
-- 401 invalid token | 404 room not found | 404 persona not found
-- 429 daily draft quota reached | 429 daily preview quota reached | 429 daily model quota reached
-- The clock is the statement's: a transaction's clock stands still during the wait for the lock.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     room AS (SELECT json_build_object('name', name, 'description', description) AS brief FROM rooms
              WHERE id = $3::uuid),
     persona AS (
         SELECT persona_brief(p) AS brief, coalesce($5::int, daily_draft_quota) AS quota FROM personas p
         WHERE id = $2::uuid AND user_id = (SELECT id FROM caller)),
     used AS (
         SELECT count(*) AS units FROM quota_events
         WHERE persona_id = $2::uuid AND quota_type = $4::text
           AND created_at >= date_trunc('day', statement_timestamp(), 'UTC')
           AND (expires_at IS NULL OR expires_at > statement_timestamp())),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'room not found' WHERE NOT EXISTS (SELECT FROM room)
         UNION ALL SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM persona)
         UNION ALL SELECT 429, 'daily ' || $4::text || ' quota reached' FROM persona, used WHERE units >= quota
         UNION ALL SELECT 429, 'daily model quota reached' WHERE model_calls_today($1::uuid) + $7::int > $8::int
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     reserved AS (
         INSERT INTO quota_events (persona_id, user_id, calls, quota_type, created_at, expires_at)
         SELECT $2::uuid, $1::uuid, $7::int, $4::text, statement_timestamp(),
                statement_timestamp() + make_interval(secs => $6::int)
         FROM verdict WHERE status = 200
         RETURNING id, hold_key(id, expires_at))
SELECT status, coalesce(error, json_build_object('persona', persona.brief, 'room', room.brief)::text) AS body,
       reserved.id AS reservation, used.units + 1 AS used, persona.quota
FROM verdict CROSS JOIN used LEFT JOIN persona ON true LEFT JOIN room ON true LEFT JOIN reserved ON true
