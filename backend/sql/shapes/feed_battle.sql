-- Battles as feeds show them, from the rows of `listed`: id, user_id (null where nobody asks for
-- it), persona_name, persona_slug, shares, remixes. What follows may order them. A private template
-- isn't shown. Replies are counted to 100 and no further. Sides are the different names of the
-- author and of the two that replied first, two at most; a persona that is gone has none.
SELECT p.id::text AS _id, l.user_id::text AS _user_id, p.id AS battle_id, p.room_id, r.name AS room_name, p.persona_id,
       l.persona_name, l.persona_slug, topic_of(p, r.name) AS topic, coalesce(p.excerpt, excerpt(p.content)) AS excerpt,
       least(100, coalesce(p.replies_count, count_replies(p.id))) AS replies_count,
       CASE WHEN v.name <> one.name THEN ARRAY[one.name, v.name] WHEN w.name <> one.name THEN ARRAY[one.name, w.name]
            ELSE array_remove(ARRAY[one.name], NULL) END AS sides,
       p.created_at, l.shares, l.remixes, t.id AS "template.id", t.name AS "template.name"
FROM listed l JOIN posts p ON p.id = l.id JOIN rooms r ON r.id = p.room_id
CROSS JOIN LATERAL (SELECT coalesce(p.voices, find_voices(p.id, p.persona_id)) AS ids) voices
LEFT JOIN personas v ON v.id = voices.ids[1]
LEFT JOIN personas w ON w.id = CASE WHEN v.name <> l.persona_name THEN NULL ELSE voices.ids[2] END
CROSS JOIN LATERAL (SELECT coalesce(l.persona_name, v.name, w.name) AS name) one
LEFT JOIN templates t ON t.id = p.template_id AND t.is_public
