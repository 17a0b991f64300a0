-- The texts for the preview of a link to a battle.
-- $1 uuid battle   $2 text origin of the pages
-- 200 BattleMeta {battle_id, room_id, room_name, topic, created_at, template?: {id, name},
--     share_url, card_url}, with the column _event_metadata json
-- 404 battle not found
-- A private template isn't shown.

-- verdict
SELECT 404, 'battle not found' WHERE NOT EXISTS (SELECT FROM posts WHERE id = $1::uuid AND status = 'PUBLISHED')

-- .
SELECT p.id AS battle_id, p.room_id, r.name AS room_name, topic_of(p, r.name) AS topic, p.created_at,
       t.id AS "template.id", t.name AS "template.name", $2::text || '/b/' || p.id AS share_url,
       '/b/' || p.id || '/card.png' AS card_url,
       json_build_object('battle_id', p.id, 'room_id', p.room_id) AS _event_metadata
FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN templates t ON t.id = p.template_id AND t.is_public
WHERE p.id = $1::uuid AND p.status = 'PUBLISHED'
