-- A page of what has all words of a text, newest first: published posts, public personas, public
-- templates, rooms. The last word may be the beginning of a longer one.
-- $1 uuid caller   $2 text asked   $3 text kind, or null: all kinds   $4 int limit
-- $5 bigint, $6 uuid cursor: microseconds since 1970 and id of the last one, or null
-- 200 Found | 401 invalid token
-- The work is bounded whatever is asked (search_kind): a rare word is found by its index, others
-- are looked for in the newest thousand rows of each kind. The page ends where the first kind ends
-- that may have more behind those, so it may be short, or empty; next_cursor goes on from there.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     asked AS MATERIALIZED (
         SELECT search_whole_words($2::text) AS words, search_prefix($2::text) AS prefix,
                CASE WHEN $5::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $5::bigint * interval '1 microsecond' ELSE 'infinity' END AS at,
                coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id
         WHERE EXISTS (SELECT FROM caller)),
     found AS MATERIALIZED (
         SELECT kind, f.id, f.created_at, f.is_edge
         FROM asked, unnest('{battle,persona,template}'::text[]) kind,
              LATERAL search_kind(kind, words, prefix, at, asked.id, $4::int + 1) f
         WHERE $3::text IS NULL OR kind = $3::text
         UNION ALL
         SELECT 'room', r.id, r.created_at, false FROM asked, rooms r
         WHERE ($3::text IS NULL OR $3::text = 'room') AND (r.created_at, r.id) < (at, asked.id)
           AND search_words(r.name || ' ' || r.description) @@ search_query(words, prefix)),
     edge AS (SELECT created_at, id FROM found WHERE is_edge ORDER BY created_at DESC, id DESC LIMIT 1),
     page AS MATERIALIZED (
         SELECT kind, id, created_at, row_number() OVER (ORDER BY created_at DESC, id DESC) AS place FROM found
         WHERE NOT is_edge
           AND (NOT EXISTS (SELECT FROM edge)
                OR (created_at, id) >= ((SELECT created_at FROM edge), (SELECT id FROM edge)))
         ORDER BY created_at DESC, id DESC LIMIT $4::int + 1),
     last AS (
         SELECT created_at, id FROM page WHERE place = $4::int AND EXISTS (SELECT FROM page WHERE place > $4::int)
         UNION ALL SELECT created_at, id FROM edge WHERE NOT EXISTS (SELECT FROM page WHERE place > $4::int)),
     shown AS (
         SELECT g.place, g.kind, g.id, g.created_at, topic_of(p, r.name) AS title, preview(p.content) AS excerpt,
                r.name AS room_name, '/b/' || g.id AS url
         FROM page g JOIN posts p ON g.kind = 'battle' AND p.id = g.id JOIN rooms r ON r.id = p.room_id
         UNION ALL
         SELECT g.place, g.kind, g.id, g.created_at, a.name, preview(f.bio), NULL, '/p/' || f.slug
         FROM page g JOIN personas a ON g.kind = 'persona' AND a.id = g.id
         JOIN persona_public_profiles f ON f.persona_id = a.id
         UNION ALL
         SELECT g.place, g.kind, g.id, g.created_at, t.name, t.rules_preview, NULL, '/templates?template=' || g.id
         FROM page g JOIN templates t ON g.kind = 'template' AND t.id = g.id
         UNION ALL
         SELECT g.place, g.kind, g.id, g.created_at, r.name, preview(r.description), NULL, '/rooms/' || g.id
         FROM page g JOIN rooms r ON g.kind = 'room' AND r.id = g.id)
SELECT CASE WHEN EXISTS (SELECT FROM caller) THEN 200 ELSE 401 END AS status,
       CASE WHEN EXISTS (SELECT FROM caller) THEN json_build_object(
           'results', (SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                           'kind', kind, 'id', id, 'title', title, 'excerpt', excerpt, 'room_name', room_name,
                           'created_at', utc(created_at), 'url', url)) ORDER BY place), '[]')
                       FROM shown WHERE place <= $4::int),
           'next_cursor',
           coalesce((SELECT micros_of(created_at) || '-' || id FROM last), '')
       )::text ELSE 'invalid token' END AS body
