-- What somebody who comes by may like: battles, personas and templates, public ones only.
-- slow lane: it looks at a thousand posts where few are public
-- 200 Discovered {battles: [FeedBattle], personas: [DiscoveredPersona], templates: [FeedTemplate]}
-- Battles are those 6 of the 100 most engaged of these 14 days that everybody may come across
-- (shapes/is_discoverable); where they are fewer, the newest of the newest thousand posts follow.
-- Personas are the 6 that most follow, of the 100 that were published last. Templates are the 3
-- that are used most, of the newest 12.

-- battles[]
WITH engaged AS (
         SELECT battle_id AS id, weight, posted_at, shares, remixes FROM battle_engagement
         WHERE day = utc_day(now()) ORDER BY weight DESC, posted_at DESC, battle_id LIMIT 100),
     trending AS MATERIALIZED (
         SELECT e.id, e.weight, e.posted_at, e.shares, e.remixes FROM engaged e JOIN posts p ON p.id = e.id
         WHERE p.status = 'PUBLISHED' AND
-- include shapes/is_discoverable
         ORDER BY e.weight DESC, e.posted_at DESC, e.id LIMIT 6),
     newest AS (
         SELECT id, persona_id, user_id, created_at FROM posts WHERE status = 'PUBLISHED'
         ORDER BY created_at DESC, id DESC LIMIT 1000),
     others AS (
         SELECT p.id, p.created_at FROM newest p
         WHERE NOT EXISTS (SELECT FROM trending t WHERE t.id = p.id) AND
-- include shapes/is_discoverable
         ORDER BY p.created_at DESC, p.id DESC LIMIT (SELECT 6 - count(*) FROM trending)),
     chosen AS (
         SELECT id, shares, remixes, true AS is_trending, weight, posted_at FROM trending
         UNION ALL
         SELECT o.id, coalesce(e.shares, 0), coalesce(e.remixes, 0), false, 0, o.created_at
         FROM others o LEFT JOIN battle_engagement e ON e.battle_id = o.id AND e.day = utc_day(now())),
     listed AS (
         SELECT c.*, NULL::uuid AS user_id, a.name AS persona_name, f.slug AS persona_slug
         FROM chosen c JOIN posts p ON p.id = c.id LEFT JOIN personas a ON a.id = p.persona_id
         LEFT JOIN persona_public_profiles f ON f.persona_id = p.persona_id AND f.is_public)
-- include shapes/feed_battle
ORDER BY l.is_trending DESC, l.weight DESC, l.posted_at DESC, l.id DESC

-- personas[]
WITH newest AS (
         SELECT persona_id, slug, bio, created_at FROM persona_public_profiles
         WHERE is_public ORDER BY created_at DESC, persona_id DESC LIMIT 100)
SELECT n.slug, a.name, n.bio, a.tone, c.followers
FROM newest n JOIN personas a ON a.id = n.persona_id CROSS JOIN LATERAL (
    SELECT coalesce(sum(followers), 0)::bigint AS followers FROM persona_follower_counts
    WHERE persona_id = n.persona_id) c
ORDER BY c.followers DESC, n.created_at DESC, n.persona_id DESC LIMIT 6

-- templates[]
WITH newest AS (
         SELECT t.id, t.created_at, template_uses(t.id) AS uses FROM templates t WHERE is_public
         ORDER BY t.created_at DESC, t.id DESC LIMIT 12),
     listed AS (
         SELECT id, uses, row_number() OVER (ORDER BY uses DESC, created_at DESC, id DESC) = 1 AS is_trending
         FROM newest ORDER BY uses DESC, created_at DESC, id DESC LIMIT 3)
-- include shapes/feed_template
ORDER BY l.uses DESC, t.created_at DESC, t.id DESC
