-- The caller's part of the feed: the newest posts of followed personas.
-- $1 uuid caller
-- 401 invalid token
-- Rows: followed[] FeedBattle, _id text
-- The 20 newest posts are by the 20 followed personas that posted last, so no others are read. Who
-- those are is looked for where more are followed.

-- include verdicts/caller

-- followed[]
WITH followed AS MATERIALIZED (
         SELECT followed_persona_id AS id FROM persona_follows WHERE follower_user_id = $1::uuid),
     latest AS (
         SELECT id FROM followed WHERE (SELECT count(*) FROM followed) <= 20
         UNION ALL
         (SELECT f.id
          FROM followed f CROSS JOIN LATERAL (
              SELECT created_at, id FROM posts WHERE persona_id = f.id AND status = 'PUBLISHED'
              ORDER BY created_at DESC, id DESC LIMIT 1) newest
          WHERE (SELECT count(*) FROM followed) > 20 ORDER BY newest.created_at DESC, newest.id DESC LIMIT 20)),
     author AS (
         SELECT a.id, a.name, f.slug
         FROM latest JOIN personas a ON a.id = latest.id
         LEFT JOIN persona_public_profiles f ON f.persona_id = latest.id AND f.is_public),
     newest AS (
         SELECT p.id, author.name, author.slug FROM author CROSS JOIN LATERAL (
             SELECT id, created_at FROM posts WHERE persona_id = author.id AND status = 'PUBLISHED'
             ORDER BY created_at DESC, id DESC LIMIT 20) p
         ORDER BY p.created_at DESC, p.id DESC LIMIT 20),
     listed AS (
         SELECT n.id, NULL::uuid AS user_id, n.name AS persona_name, n.slug AS persona_slug,
                coalesce(e.shares, 0) AS shares, coalesce(e.remixes, 0) AS remixes
         FROM newest n LEFT JOIN battle_engagement e ON e.battle_id = n.id AND e.day = (SELECT utc_day(now())))
-- include shapes/feed_battle
