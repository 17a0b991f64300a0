-- Battles as feeds show them, from the rows of `listed`: id, shares, remixes. What follows may
-- order them. A private template isn't shown.
SELECT p.id::text AS _id, p.user_id::text AS _user_id, p.id AS battle_id, p.room_id, r.name AS room_name, p.persona_id,
       a.name AS persona_name, topic_of(p, r.name) AS topic, p.created_at, l.shares, l.remixes, t.id AS "template.id",
       t.name AS "template.name"
FROM listed l JOIN posts p ON p.id = l.id JOIN rooms r ON r.id = p.room_id
LEFT JOIN personas a ON a.id = p.persona_id
LEFT JOIN templates t ON t.id = p.template_id AND t.is_public
