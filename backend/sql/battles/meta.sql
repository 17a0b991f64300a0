-- The texts for the preview of a link to a battle.
-- $1 uuid battle   $2 text origin of the pages
-- 200 BattleMeta {battle_id, room_id, room_name, topic, created_at, template?: {id, name},
--     share_url, card_url}, with the third column event_metadata json
-- 404 battle not found
WITH battle AS (
         SELECT p.id, p.room_id, r.name AS room_name, battle_topic(p.content, r.name) AS topic, p.created_at,
                CASE WHEN t.id IS NOT NULL THEN json_build_object('id', t.id, 'name', t.name) END AS template
         FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN templates t ON t.id = p.template_id
         WHERE p.id = $1::uuid AND p.status = 'PUBLISHED')
SELECT 200 AS status,
       json_strip_nulls(json_build_object(
           'battle_id', id, 'room_id', room_id, 'room_name', room_name, 'topic', topic, 'created_at', utc(created_at),
           'template', template, 'share_url', $2::text || '/b/' || id,
           'card_url', '/b/' || id || '/card.png'))::text AS body,
       json_build_object('battle_id', id, 'room_id', room_id)::text AS event_metadata
FROM battle
UNION ALL
SELECT 404, 'battle not found', NULL WHERE NOT EXISTS (SELECT FROM battle)
