-- A public profile and its 20 newest posts, for its Atom feed.
-- $1 text slug
-- 404 public profile not found
-- Rows: one for each post, newest first, or one whose id is null; none: there is no such profile.
--     persona_id, slug, name, bio, language, published_at; id, topic, content, room_name,
--     posted_at, updated_at.
-- The newest are found as in profiles/posts. A time that RFC 3339 can't write is that of 1970.
WITH profile AS (
         SELECT f.persona_id, f.slug, p.name, f.bio, p.preferred_language, f.created_at
         FROM persona_public_profiles f JOIN personas p ON p.id = f.persona_id
         WHERE f.slug = $1::text AND f.is_public),
     page AS (
         SELECT id FROM posts WHERE persona_id = (SELECT persona_id FROM profile) AND status = 'PUBLISHED'
         ORDER BY created_at DESC, id DESC LIMIT 20)
SELECT f.persona_id, f.slug, f.name, f.bio, f.preferred_language,
       coalesce(nullif(utc(f.created_at), ''), '1970-01-01T00:00:00Z'),
       p.id, topic_of(p, r.name), p.content, r.name,
       coalesce(nullif(utc(p.created_at), ''), '1970-01-01T00:00:00Z'),
       coalesce(nullif(utc(p.updated_at), ''), '1970-01-01T00:00:00Z')
FROM profile f LEFT JOIN (page JOIN posts p USING (id) JOIN rooms r ON r.id = p.room_id) ON true
ORDER BY p.created_at DESC, p.id DESC
