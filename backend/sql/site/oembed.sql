-- A battle's card as a photo of oEmbed 1.0 (oembed.com).
-- $1 uuid battle   $2 int width   $3 int height: as the photo is to be shown
-- $4 text origin of the pages
-- 200 OEmbed | 404 battle not found

-- verdict
SELECT 404, 'battle not found' WHERE NOT EXISTS (SELECT FROM posts WHERE id = $1::uuid AND status = 'PUBLISHED')

-- .
SELECT '1.0'::text AS version, 'photo'::text AS type, topic_of(p, r.name) AS title, a.name AS author_name,
       $4::text || '/p/' || f.slug AS author_url, 'PersonaWorlds'::text AS provider_name, $4::text AS provider_url,
       300 AS cache_age, $4::text || '/b/' || p.id || '/card.png' AS url, $2::int AS width, $3::int AS height
FROM posts p JOIN rooms r ON r.id = p.room_id LEFT JOIN personas a ON a.id = p.persona_id
LEFT JOIN persona_public_profiles f ON f.persona_id = a.id AND f.is_public
WHERE p.id = $1::uuid AND p.status = 'PUBLISHED'
