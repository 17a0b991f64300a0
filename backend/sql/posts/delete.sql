-- Deletes the caller's draft or published post with its thread: replies, summary and jobs.
-- writes
-- first: personas/lock_of_post
-- $1 uuid caller   $2 uuid post
-- 200 {deleted} | 401 invalid token | 403 not allowed | 404 post not found
-- Locks the post row before all that hangs on it. A statement that writes a reply or a summary, or
-- asks for one, locks the post before its jobs, so it is done first as a whole or finds nothing.
-- What was used up and what happened stays: quota units, events, the uses of a template.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     post AS (SELECT id, user_id FROM posts WHERE id = $2::uuid FOR UPDATE),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'post not found' WHERE NOT EXISTS (SELECT FROM post)
         UNION ALL SELECT 403, 'not allowed' FROM post WHERE user_id <> $1::uuid
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     gone AS (DELETE FROM posts WHERE id = $2::uuid AND (SELECT status FROM verdict) = 200 RETURNING id),
     engagement_gone AS (DELETE FROM battle_engagement WHERE battle_id IN (SELECT id FROM gone)),
     shares_gone AS (
         DELETE FROM battle_sharers
         WHERE day IN (SELECT utc_day(now()) - n FROM generate_series(-1, 16) n)
           AND battle_id IN (SELECT id FROM gone))
SELECT status, coalesce(error, json_build_object('deleted', true)::text) AS body FROM verdict
