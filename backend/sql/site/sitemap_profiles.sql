-- A step through the public profiles, newest first, for the sitemap.
-- slow lane: it belongs to nobody who waits
-- $1 timestamptz, $2 uuid: published_at and persona_id of the last row seen, or null
-- $3 int rows at most
-- Rows: slug, published_at text, persona_id text.
SELECT slug, created_at::text AS published_at, persona_id::text AS persona_id
FROM persona_public_profiles
WHERE is_public AND (created_at, persona_id)
      < (coalesce($1::timestamptz, 'infinity'), coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY created_at DESC, persona_id DESC LIMIT $3::int
