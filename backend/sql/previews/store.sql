-- Makes a preview's reserved quota unit permanent and answers with the two texts, which are stored
-- nowhere.
-- writes
-- first: personas/lock
-- $1 uuid caller   $2 uuid persona   $3 uuid room   $4 bigint reservation   $5 text, $6 text drafts
-- $7 int units a day
-- 200 {drafts: [{label, content, authored_by}], quota: {used, limit}}
-- 401 invalid token | 404 room not found | 404 persona not found | 429 daily preview quota reached
-- The 429 is for a reservation that ran out: another preview may have taken the unit meanwhile.
-- Records the event preview_generated.
WITH verdict AS (SELECT coalesce(status, 200) AS status, error
                 FROM keep_unit($1::uuid, $2::uuid, $3::uuid, $4::bigint, 'preview')),
     used AS (
         SELECT count(*) AS units FROM quota_events
         WHERE persona_id = $2::uuid AND quota_type = 'preview'
           AND created_at >= date_trunc('day', statement_timestamp(), 'UTC')
           AND (expires_at IS NULL OR expires_at > statement_timestamp())),
     event AS (
         INSERT INTO events (user_id, event_name, metadata)
         SELECT $1::uuid, 'preview_generated', jsonb_build_object('persona_id', $2::uuid, 'room_id', $3::uuid)
         FROM verdict WHERE status = 200),
     answer AS MATERIALIZED (
         SELECT status, coalesce(error, json_build_object(
                    'drafts', json_build_array(
                        json_build_object('label', 'AI Preview 1', 'content', $5::text, 'authored_by', 'AI'),
                        json_build_object('label', 'AI Preview 2', 'content', $6::text, 'authored_by', 'AI')),
                    'quota', json_build_object('used', units, 'limit', $7::int))::text) AS body
         FROM verdict, used)
SELECT status, keep_answer(status, body) AS body FROM answer
