-- Battles as feeds show them, from the rows of `listed`: id, shares, remixes. What follows may
-- order them. A private template isn't shown. Replies are counted to 100 and no further. Sides are
-- the first two different names among the author and the first 50 who replied, each looked for
-- until it is found.
SELECT p.id::text AS _id, p.user_id::text AS _user_id, p.id AS battle_id, p.room_id, r.name AS room_name, p.persona_id,
       a.name AS persona_name, f.slug AS persona_slug, topic_of(p, r.name) AS topic, excerpt(p.content) AS excerpt,
       least(100, coalesce(p.replies_count, (
           SELECT count(*) FROM (SELECT FROM replies WHERE post_id = p.id LIMIT 100) counted))) AS replies_count,
       array_remove(ARRAY[one.name, other.name], NULL) AS sides, p.created_at, l.shares, l.remixes,
       t.id AS "template.id", t.name AS "template.name"
FROM listed l JOIN posts p ON p.id = l.id JOIN rooms r ON r.id = p.room_id
LEFT JOIN personas a ON a.id = p.persona_id
LEFT JOIN persona_public_profiles f ON f.persona_id = p.persona_id AND f.is_public
CROSS JOIN LATERAL (SELECT coalesce(a.name, (SELECT name FROM first_voices(p.id) LIMIT 1)) AS name) one
LEFT JOIN LATERAL (SELECT name FROM first_voices(p.id) v WHERE v.name <> one.name LIMIT 1) other ON true
LEFT JOIN templates t ON t.id = p.template_id AND t.is_public
