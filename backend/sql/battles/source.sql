-- A battle as the beginning of a remix.
-- $1 uuid battle
-- 200 RemixIntent {battle_id, room_id, room_name, topic, pro_style, con_style, suggested_templates:
--     [{id, name, turn_count, word_limit}], remix_token, remix_token_expires, target_create_route,
--     target_battle_source}; C makes it from the columns after the third, event_metadata json:
--     battle_id, room_id, room_name, content, template_id (null: a private one, or none) and
--     suggested_templates json
-- 404 battle not found
-- At most 4 templates are suggested: the battle's own if it is public, the built-in one, the
-- newest.
WITH battle AS (
         SELECT p.id, p.room_id, r.name AS room_name, p.content, t.id AS template_id
         FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN templates t ON t.id = p.template_id AND t.is_public
         WHERE p.id = $1::uuid AND p.status = 'PUBLISHED'),
     candidate AS (
         SELECT template_id AS id, 0 AS place FROM battle WHERE template_id IS NOT NULL
         UNION ALL SELECT id, 1 FROM templates WHERE owner_user_id IS NULL AND name = 'Claim/Evidence 6 turns'
         UNION ALL (SELECT id, 2 + (row_number() OVER (ORDER BY created_at DESC, id DESC))::int FROM templates
                    WHERE is_public ORDER BY created_at DESC, id DESC LIMIT 4)),
     chosen AS (SELECT id, min(place) AS place FROM candidate GROUP BY id ORDER BY min(place) LIMIT 4),
     suggested AS (
         SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'turn_count', t.turn_count,
                                                    'word_limit', t.word_limit)
                                  ORDER BY place), '[]')::text AS list
         FROM chosen JOIN templates t USING (id))
SELECT 200 AS status, NULL AS body, json_build_object('battle_id', id, 'room_id', room_id)::text AS event_metadata,
       id AS battle_id, room_id, room_name, content, template_id, list AS suggested_templates
FROM battle, suggested
UNION ALL
SELECT 404, 'battle not found', NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE NOT EXISTS (SELECT FROM battle)
