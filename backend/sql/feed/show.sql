-- The caller's feed: newest posts of followed personas, trending battles of others, newest public
-- templates.
-- $1 uuid caller
-- 200 Feed | 401 invalid token
-- The 20 newest posts are by the 20 followed personas that posted last, so no others are read.
-- Trending battles come from their index.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     followed AS (
         SELECT p.id
         FROM (SELECT f.followed_persona_id AS id
               FROM persona_follows f CROSS JOIN LATERAL (
                   SELECT created_at, id FROM posts WHERE persona_id = f.followed_persona_id AND status = 'PUBLISHED'
                   ORDER BY created_at DESC, id DESC LIMIT 1) newest
               WHERE f.follower_user_id = $1::uuid ORDER BY newest.created_at DESC, newest.id DESC LIMIT 20) author
         CROSS JOIN LATERAL (
             SELECT id, created_at FROM posts WHERE persona_id = author.id AND status = 'PUBLISHED'
             ORDER BY created_at DESC, id DESC LIMIT 20) p
         ORDER BY p.created_at DESC, p.id DESC LIMIT 20),
     trending AS (
         SELECT p.id FROM battle_engagement e JOIN posts p ON p.id = e.battle_id
         WHERE e.day = utc_day(now()) AND p.status = 'PUBLISHED' AND p.user_id <> $1::uuid
         ORDER BY e.weight DESC, e.posted_at DESC, e.battle_id LIMIT 20),
     source(id, place, reason, base, per_share, per_remix, per_hour) AS (
         SELECT id, 1, 'followed_persona', 95, 2, 4, 0.35 FROM followed
         UNION ALL SELECT id, 2, 'trending_battle', 70, 3, 5, 0.25 FROM trending),
     battle AS (
         SELECT 'battle' AS kind, s.id, p.created_at, max(score) AS score,
                (array_agg(reason ORDER BY score DESC, place))[1] AS reason,
                json_agg(reason ORDER BY place) AS reasons,
                feed_battle_json(p, coalesce(shares, 0), coalesce(remixes, 0)) AS body,
                false AS is_trending
         FROM source s JOIN posts p ON p.id = s.id
         LEFT JOIN battle_engagement e ON e.battle_id = s.id AND e.day = utc_day(now())
         CROSS JOIN LATERAL (SELECT round(base + per_share * coalesce(shares, 0) + per_remix * coalesce(remixes, 0)
                                          - per_hour * age_in_hours(p.created_at), 2) AS score) scored
         GROUP BY s.id, p.id, shares, remixes),
     newest_template AS (
         SELECT t AS template, t.id, t.created_at, template_uses(t.id) AS uses FROM templates t WHERE is_public
         ORDER BY t.created_at DESC, t.id DESC LIMIT 12),
     ranked_template AS (SELECT *, row_number() OVER (ORDER BY uses DESC, created_at DESC, id DESC) = 1 AS is_trending
                         FROM newest_template),
     item AS (
         SELECT * FROM battle
         UNION ALL
         SELECT 'template', id, created_at, round(60 + 2 * uses - 0.12 * age_in_hours(created_at), 2), 'new_template',
                json_build_array('new_template'), feed_template_json(template, uses, is_trending), is_trending
         FROM ranked_template),
     shown AS (SELECT * FROM item ORDER BY score DESC, created_at DESC, id LIMIT 50),
     answer AS (
         SELECT json_build_object('items', coalesce(json_agg(json_build_object(
                    'id', kind || ':' || id, 'kind', kind, 'reason', reason, 'reasons', reasons, 'score', score,
                    kind, body)
                    ORDER BY score DESC, created_at DESC, id), '[]')) AS body
         FROM shown)
SELECT CASE WHEN caller.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN caller.id IS NULL THEN 'invalid token'
            ELSE (SELECT body::jsonb || coalesce(
                             (SELECT jsonb_build_object('highlight_template', i.body) FROM item i
                              WHERE is_trending), '{}')
                  FROM answer)::text END AS body
FROM (VALUES (1)) one LEFT JOIN caller ON true
