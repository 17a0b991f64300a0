-- What all feeds share: the most engaged battles of these 14 days, and the newest public templates.
-- $1 uuid whose battles are left out, or null
-- Rows: trending[] FeedBattle, _id text, _user_id text, most engaged first: at most 100;
--     templates[] FeedTemplate, _id text, newest first: at most 12
-- Trending battles come from their index.

-- trending[]
WITH trending AS (
         SELECT p.id, e.weight, e.posted_at, e.shares, e.remixes
         FROM battle_engagement e CROSS JOIN LATERAL (
             SELECT id FROM posts
             WHERE id = e.battle_id AND status = 'PUBLISHED' AND user_id IS DISTINCT FROM $1::uuid LIMIT 1) p
         WHERE e.day = utc_day(now())
         ORDER BY e.weight DESC, e.posted_at DESC, e.battle_id LIMIT 100)
SELECT p.id::text AS _id, p.user_id::text AS _user_id, p.id AS battle_id, p.room_id, r.name AS room_name, p.persona_id,
       a.name AS persona_name, topic_of(p, r.name) AS topic, p.created_at, e.shares, e.remixes, t.id AS "template.id",
       t.name AS "template.name"
FROM trending e JOIN posts p USING (id) JOIN rooms r ON r.id = p.room_id
LEFT JOIN personas a ON a.id = p.persona_id
LEFT JOIN templates t ON t.id = p.template_id AND t.is_public
ORDER BY e.weight DESC, e.posted_at DESC, e.id

-- templates[]
WITH newest AS (
         SELECT t.id, t.created_at, template_uses(t.id) AS uses FROM templates t WHERE is_public
         ORDER BY t.created_at DESC, t.id DESC LIMIT 12)
SELECT t.id::text AS _id, t.id AS template_id, t.name, t.rules_preview AS prompt_rules, t.turn_count, t.word_limit,
       t.created_at, n.uses AS usage_count,
       row_number() OVER (ORDER BY n.uses DESC, t.created_at DESC, t.id DESC) = 1 AS is_trending
FROM newest n JOIN templates t USING (id)
ORDER BY t.created_at DESC, t.id DESC
