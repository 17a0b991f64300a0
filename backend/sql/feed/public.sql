-- What all feeds share: the most engaged battles of these 14 days, and the newest public templates.
-- $1 uuid whose battles are left out, or null
-- Rows: trending[] FeedBattle, _id text, _user_id text, most engaged first: at most 100;
--     templates[] FeedTemplate, _id text, _user_id text or null, newest first: at most 12
-- Trending battles come from their index.

-- trending[]
WITH trending AS (
         SELECT p.id, p.user_id, p.persona_id, e.weight, e.posted_at, e.shares, e.remixes
         FROM battle_engagement e CROSS JOIN LATERAL (
             SELECT id, user_id, persona_id FROM posts
             WHERE id = e.battle_id AND status = 'PUBLISHED' AND user_id IS DISTINCT FROM $1::uuid LIMIT 1) p
         WHERE e.day = utc_day(now())
         ORDER BY e.weight DESC, e.posted_at DESC, e.battle_id LIMIT 100),
     listed AS (
         SELECT e.id, e.user_id, a.name AS persona_name, f.slug AS persona_slug, e.weight, e.posted_at, e.shares,
                e.remixes
         FROM trending e LEFT JOIN personas a ON a.id = e.persona_id
         LEFT JOIN persona_public_profiles f ON f.persona_id = e.persona_id AND f.is_public)
-- include shapes/feed_battle
ORDER BY l.weight DESC, l.posted_at DESC, l.id

-- templates[]
WITH newest AS (
         SELECT t.id, t.created_at, template_uses(t.id) AS uses FROM templates t WHERE is_public
         ORDER BY t.created_at DESC, t.id DESC LIMIT 12),
     listed AS (
         SELECT id, uses, row_number() OVER (ORDER BY uses DESC, created_at DESC, id DESC) = 1 AS is_trending
         FROM newest)
-- include shapes/feed_template
ORDER BY t.created_at DESC, t.id DESC
