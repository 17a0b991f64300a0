-- A step of a thousand rows through the published posts, newest first, for the sitemap.
-- slow lane: it belongs to nobody who waits
-- $1 timestamptz, $2 uuid: posted_at and id of the last row seen, or null
-- Rows: id, posted_at text, is_shown boolean: whether everybody may come across it
-- (shapes/is_discoverable).
WITH step AS (
         SELECT id, persona_id, user_id, created_at FROM posts
         WHERE status = 'PUBLISHED' AND (created_at, id)
               < (coalesce($1::timestamptz, 'infinity'), coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
         ORDER BY created_at DESC, id DESC LIMIT 1000)
SELECT p.id::text AS id, p.created_at::text AS posted_at, coalesce(
-- include shapes/is_discoverable
       , false) AS is_shown
FROM step p ORDER BY p.created_at DESC, p.id DESC
