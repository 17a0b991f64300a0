-- Publishes a persona of the caller's under the first free slug: the wanted one, else with -2, -3,
-- … in at most 64 bytes.
-- writes
-- first: profiles/lock_slugs
-- $1 uuid caller   $2 uuid persona   $3 text wanted slug   $4 text bio, or null: the persona's
-- $5 text origin of the pages
-- 200 PublishedProfile | 401 invalid token | 404 persona not found
-- Locks the persona against its deletion. An unpublished profile keeps its slug: no other persona
-- gets it.
WITH RECURSIVE caller AS (SELECT id FROM users WHERE id = $1::uuid),
     persona AS (SELECT id, bio FROM personas WHERE id = $2::uuid AND user_id = (SELECT id FROM caller) FOR KEY SHARE),
     candidates(n, slug) AS (
         SELECT 1, $3::text
         UNION ALL
         SELECT n + 1, rtrim(left($3::text, 63 - length((n + 1)::text)), '-') || '-' || (n + 1) FROM candidates c
         WHERE EXISTS (SELECT FROM persona_public_profiles f WHERE f.slug = c.slug AND f.persona_id <> $2::uuid)),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM persona)
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     profile AS (
         INSERT INTO persona_public_profiles (persona_id, slug, is_public, bio)
         SELECT persona.id, (SELECT slug FROM candidates ORDER BY n DESC LIMIT 1), true, coalesce($4::text, persona.bio)
         FROM persona WHERE (SELECT status FROM verdict) = 200
         ON CONFLICT (persona_id) DO UPDATE SET slug = excluded.slug, is_public = true, bio = excluded.bio
         RETURNING json_build_object('persona_id', persona_id, 'slug', slug, 'is_public', is_public, 'bio', bio,
                                     'created_at', utc(created_at),
                                     'share_url', $5::text || '/p/' || slug) AS body)
SELECT status, coalesce(error, body::text) AS body FROM verdict LEFT JOIN profile ON true
