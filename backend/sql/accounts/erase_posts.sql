-- Deletes a batch of posts of an account that is being deleted, with their threads: replies and
-- jobs first, which may be many more.
-- writes
-- $1 int posts at most   $2 int replies and jobs of each kind at most
-- One row: the number of rows deleted; 0: no post is left that isn't in use just now.
-- An account is one worker's at a time. Locks posts before their jobs; a job that a worker is about
-- to end is left alone with its post, as that worker waits for the post, and so is one that is done
-- and that somebody else deletes just now.
WITH account AS MATERIALIZED (
         SELECT user_id FROM account_deletions ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED),
     batch AS MATERIALIZED (
         SELECT p.id, utc_day(p.created_at) AS day, p.template_id FROM posts p
         WHERE p.user_id = (SELECT user_id FROM account)
         ORDER BY p.created_at, p.id LIMIT $1::int FOR UPDATE SKIP LOCKED),
     thread AS MATERIALIZED (SELECT r.id FROM batch JOIN replies r ON r.post_id = batch.id LIMIT $2::int),
     work AS MATERIALIZED (SELECT j.id FROM batch JOIN jobs j ON j.post_id = batch.id LIMIT $2::int),
     free AS MATERIALIZED (
         SELECT id FROM jobs WHERE id IN (SELECT id FROM work) ORDER BY id FOR UPDATE SKIP LOCKED),
     past AS MATERIALIZED (
         SELECT d.id, d.finished_at FROM batch CROSS JOIN LATERAL (
             SELECT id, finished_at FROM jobs_done WHERE post_id = batch.id LIMIT $2::int) d
         LIMIT $2::int),
     free_past AS MATERIALIZED (
         SELECT id, finished_at FROM jobs_done
         WHERE id = ANY (ARRAY(SELECT id FROM past)) AND finished_at = ANY (ARRAY(SELECT finished_at FROM past))
         FOR UPDATE SKIP LOCKED),
     replies_gone AS (DELETE FROM replies WHERE id IN (SELECT id FROM thread) RETURNING id),
     jobs_gone AS (DELETE FROM jobs WHERE id IN (SELECT id FROM free) RETURNING id),
     past_gone AS (
         DELETE FROM jobs_done
         WHERE id = ANY (ARRAY(SELECT id FROM free_past))
           AND finished_at = ANY (ARRAY(SELECT finished_at FROM free_past))
         RETURNING id),
     posts_gone AS (
         DELETE FROM posts
         WHERE id IN (SELECT id FROM batch) AND (SELECT count(*) FROM thread) < $2::int
           AND (SELECT count(*) FROM work) < $2::int AND (SELECT count(*) FROM work) = (SELECT count(*) FROM free)
           AND (SELECT count(*) FROM past) < $2::int AND (SELECT count(*) FROM past) = (SELECT count(*) FROM free_past)
         RETURNING id),
     uses_gone AS (
         DELETE FROM template_users WHERE (day, template_id, user_id) IN (
             SELECT day, template_id, (SELECT user_id FROM account) FROM batch WHERE template_id IS NOT NULL)),
     engagement_gone AS (DELETE FROM battle_engagement WHERE battle_id IN (SELECT id FROM posts_gone)),
     shares_gone AS (
         DELETE FROM battle_sharers
         WHERE day IN (SELECT utc_day(now()) - n FROM generate_series(-1, 16) n)
           AND battle_id IN (SELECT id FROM posts_gone))
SELECT (SELECT count(*) FROM replies_gone) + (SELECT count(*) FROM jobs_gone) + (SELECT count(*) FROM past_gone)
       + (SELECT count(*) FROM posts_gone)
