-- The caller's part of the feed: the newest posts of followed personas.
-- $1 uuid caller
-- 401 invalid token
-- Rows: followed[] FeedBattle, _id text
-- The 20 newest posts are by the 20 followed personas that posted last, so no others are read.

-- include verdicts/caller

-- followed[]
WITH author AS (
         SELECT f.followed_persona_id AS id
         FROM persona_follows f CROSS JOIN LATERAL (
             SELECT created_at, id FROM posts WHERE persona_id = f.followed_persona_id AND status = 'PUBLISHED'
             ORDER BY created_at DESC, id DESC LIMIT 1) newest
         WHERE f.follower_user_id = $1::uuid ORDER BY newest.created_at DESC, newest.id DESC LIMIT 20),
     newest AS (
         SELECT p.id FROM author CROSS JOIN LATERAL (
             SELECT id, created_at FROM posts WHERE persona_id = author.id AND status = 'PUBLISHED'
             ORDER BY created_at DESC, id DESC LIMIT 20) p
         ORDER BY p.created_at DESC, p.id DESC LIMIT 20),
     listed AS (
         SELECT n.id, coalesce(e.shares, 0) AS shares, coalesce(e.remixes, 0) AS remixes
         FROM newest n LEFT JOIN battle_engagement e ON e.battle_id = n.id AND e.day = utc_day(now()))
-- include shapes/feed_battle
