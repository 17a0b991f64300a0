-- Publishes a battle and asks the caller's oldest personas for replies: 2 personas, or 3 if the
-- template has 8 turns or more.
-- writes
-- first: personas/lock_own
-- $1 uuid caller   $2 uuid room   $3 text topic   $4 text pro style   $5 text con style
-- $6 uuid template asked for, or null   $7 uuid template of the remixed battle, or null; if it is
-- private or deleted, the built-in template serves   $8 uuid remixed battle, or null
-- $9 int longest post   $10 text request id   $11 int calls of the model that a user has a day
-- 201 Battle {battle_id, post: Post, room_name, template: Template, enqueued_replies, remix_used,
--     suggested_next_url}, with the third column enqueued int, and the fourth and fifth
--     template_used, battle_remixed int: notifications made
-- 401 invalid token | 404 room not found | 404 template not found
-- Locks the room and the template: one that is deleted at the same time either serves this battle
-- or isn't found.
-- A persona is skipped if its stored replies of the UTC day and its queued ones reach its quota,
-- and the later ones where the user has fewer calls of the model left.
-- No user is notified of an act of their own, nor of more than 20 acts of another a day
-- (bound_notifications). Notifications come in the order of their users, as the count of each locks
-- a row.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     room AS (SELECT id, name FROM rooms WHERE id = $2::uuid FOR KEY SHARE),
     asked AS (
         SELECT * FROM templates WHERE id = $6::uuid AND (is_public OR owner_user_id = $1::uuid) FOR KEY SHARE),
     remixed AS (
         SELECT * FROM templates WHERE $6::uuid IS NULL AND id = $7::uuid AND is_public FOR KEY SHARE),
     template AS (
         SELECT t::templates AS whole, id, owner_user_id, one_line(name) AS name, turn_count FROM (
             SELECT * FROM asked
             UNION ALL SELECT * FROM remixed
             UNION ALL SELECT * FROM templates
                       WHERE $6::uuid IS NULL AND owner_user_id IS NULL AND name = 'Claim/Evidence 6 turns'
             LIMIT 1) t),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'room not found' WHERE NOT EXISTS (SELECT FROM room)
         UNION ALL SELECT 404, 'template not found' WHERE NOT EXISTS (SELECT FROM template)
         UNION ALL SELECT 201, NULL
         LIMIT 1),
     battle AS (
         INSERT INTO posts (room_id, user_id, authored_by, status, content, template_id, published_at)
         SELECT room.id, $1::uuid, 'HUMAN', 'PUBLISHED',
                battle_content(whole, $3::text, $4::text, $5::text, $9::int), template.id, now()
         FROM verdict, room, template WHERE verdict.status = 201
         RETURNING id, room_id, template_id, posts AS post),
     chosen AS (
         SELECT p AS persona, id, created_at FROM personas p WHERE user_id = $1::uuid
         ORDER BY created_at, id LIMIT (SELECT CASE WHEN turn_count >= 8 THEN 3 ELSE 2 END FROM template)),
     queued AS (
         INSERT INTO jobs (job_type, post_id, persona_id, payload, request_id, trace_id)
         SELECT 'generate_reply', battle.id, chosen.id, jsonb_build_object('post_id', battle.id,
                    'persona_id', chosen.id, 'template_id', template_id, 'trace_id', $10::text), $10::text, $10::text
         FROM battle, chosen WHERE reply_units_left(persona) > 0 ORDER BY created_at, chosen.id
         LIMIT (SELECT greatest($11::int - model_calls_today($1::uuid), 0))
         RETURNING id),
     charged AS (
         INSERT INTO quota_events (user_id, quota_type, calls, created_at)
         SELECT $1::uuid, 'call', count(*), statement_timestamp() FROM queued HAVING count(*) > 0),
     notified AS (
         INSERT INTO notifications (user_id, actor_user_id, type, title, body, metadata)
         (SELECT owner_user_id, $1::uuid, 'template_used', left('Your template was used: ' || template.name, 120),
                left(format('A new battle in %s follows the rules of your template %s.',
                            left(room.name, 80), template.name), 260),
                jsonb_build_object('template_id', template.id, 'battle_id', battle.id, 'template_name', template.name,
                                   'room_name', left(room.name, 80), 'topic', $3::text)
         FROM battle, template, room WHERE owner_user_id <> $1::uuid
         UNION ALL
         SELECT source.user_id, $1::uuid, 'battle_remixed', left('Your battle was remixed in ' || room.name, 120),
                left(format('A new battle in %s takes up yours.', room.name), 260),
                jsonb_build_object('source_battle_id', source.id, 'battle_id', battle.id,
                                   'room_name', left(room.name, 80), 'topic', $3::text)
         FROM battle, room, posts source WHERE source.id = $8::uuid AND source.user_id <> $1::uuid)
         ORDER BY 1
         RETURNING type, user_id),
     event AS (
         INSERT INTO events (user_id, event_name, metadata)
         SELECT $1::uuid, 'battle_created',
                jsonb_build_object('battle_id', id, 'room_id', room_id, 'template_id', template_id) FROM battle
         UNION ALL
         SELECT $1::uuid, 'remix_completed', jsonb_build_object('battle_id', id, 'source_battle_id', $8::uuid,
                    'room_id', room_id, 'template_id', template_id) FROM battle WHERE $8::uuid IS NOT NULL),
     answer AS MATERIALIZED (
         SELECT status, coalesce(error, json_build_object('battle_id', battle.id, 'post', shown.body,
                    'room_name', room.name, 'template', template_answer(whole, $1::uuid),
                    'enqueued_replies', (SELECT count(*) FROM queued), 'remix_used', $8::uuid IS NOT NULL,
                    'suggested_next_url', '/b/' || battle.id)::text) AS body
         FROM verdict LEFT JOIN battle ON true LEFT JOIN LATERAL post_answer(battle.post, $1::uuid) shown ON true
         LEFT JOIN room ON true LEFT JOIN template ON true)
SELECT status, keep_answer(status, body) AS body,
       (SELECT count(*) FROM queued) AS enqueued,
       (SELECT count(*) FROM notified WHERE type = 'template_used') AS template_used,
       (SELECT count(*) FROM notified WHERE type = 'battle_remixed') AS battle_remixed,
       (SELECT string_agg(DISTINCT user_id::text, ' ') FROM notified) AS notified
FROM answer
