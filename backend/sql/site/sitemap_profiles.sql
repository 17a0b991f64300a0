-- A step of a thousand rows through the public profiles, newest first, for the sitemap.
-- slow lane: it belongs to nobody who waits
-- $1 timestamptz, $2 uuid: published_at and persona_id of the last row seen, or null
-- Rows: slug, published_at text, persona_id text.
SELECT f.slug, f.created_at::text AS published_at, f.persona_id::text AS persona_id
FROM persona_public_profiles f
WHERE f.is_public AND (f.created_at, f.persona_id)
      < (coalesce($1::timestamptz, 'infinity'), coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY f.created_at DESC, f.persona_id DESC LIMIT 1000
