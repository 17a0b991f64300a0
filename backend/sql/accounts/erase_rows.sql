-- Deletes a batch of each kind of rows that an account which is being deleted has beside its posts,
-- so that its personas, its templates and the user (accounts/erase_user) have little left to take
-- along.
-- writes
-- $1 int rows of each kind at most
-- One row: the number of rows deleted; 0: none is left.
-- An account is one worker's at a time. Posts of others lose the account's templates. Locks posts
-- before the replies that they lose, as who deletes a post does: the replies are counted with it.
-- Rows of a table in partitions are found by their ids, in the partitions that their times name. As
-- arrays: Postgres has no statistics of such a table as a whole, and would join it by reading it.
WITH account AS MATERIALIZED (
         SELECT user_id FROM account_deletions ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED),
     persona AS MATERIALIZED (SELECT id FROM personas WHERE user_id = (SELECT user_id FROM account)),
     template AS MATERIALIZED (SELECT id FROM templates WHERE owner_user_id = (SELECT user_id FROM account)),
     said AS MATERIALIZED (
         SELECT id, post_id FROM replies WHERE user_id = (SELECT user_id FROM account) LIMIT $1::int),
     kept AS MATERIALIZED (
         SELECT id FROM posts WHERE id IN (SELECT post_id FROM said) ORDER BY id FOR KEY SHARE),
     a AS (DELETE FROM replies WHERE id IN (SELECT id FROM said) AND (SELECT count(*) FROM kept) >= 0 RETURNING 1),
     told AS MATERIALIZED (
         (SELECT id, created_at, user_id, actor_user_id FROM notifications
          WHERE user_id = (SELECT user_id FROM account) LIMIT $1::int)
         UNION
         (SELECT id, created_at, user_id, actor_user_id FROM notifications
          WHERE actor_user_id = (SELECT user_id FROM account) LIMIT $1::int)),
     b AS (DELETE FROM notifications
           WHERE id = ANY (ARRAY(SELECT id FROM told)) AND created_at = ANY (ARRAY(SELECT created_at FROM told))
           RETURNING 1),
     c AS (DELETE FROM notification_counts WHERE (day, actor_user_id, user_id) IN (
               SELECT utc_day(created_at), actor_user_id, user_id FROM told) RETURNING 1),
     done AS MATERIALIZED (
         SELECT id, created_at, utc_day(created_at) AS day, battle_of(metadata) AS battle_id FROM events
         WHERE user_id = (SELECT user_id FROM account) LIMIT $1::int),
     d AS (DELETE FROM events
           WHERE id = ANY (ARRAY(SELECT id FROM done)) AND created_at = ANY (ARRAY(SELECT created_at FROM done))
           RETURNING 1),
     shares AS (DELETE FROM battle_sharers WHERE (day, battle_id, voter) IN (
                    SELECT day, battle_id, (SELECT user_id FROM account) FROM done)),
     e AS (DELETE FROM sessions WHERE id IN (
               SELECT id FROM sessions WHERE user_id = (SELECT user_id FROM account) LIMIT $1::int)
           RETURNING 1),
     f AS (DELETE FROM persona_follows WHERE (follower_user_id, followed_persona_id) IN (
               (SELECT follower_user_id, followed_persona_id FROM persona_follows
                WHERE follower_user_id = (SELECT user_id FROM account) LIMIT $1::int)
               UNION ALL
               (SELECT f.follower_user_id, f.followed_persona_id FROM persona
                JOIN persona_follows f ON f.followed_persona_id = persona.id LIMIT $1::int)) RETURNING 1),
     acted AS MATERIALIZED (
         SELECT e.id, e.created_at FROM persona CROSS JOIN LATERAL (
             SELECT id, created_at FROM persona_activity_events WHERE persona_id = persona.id LIMIT $1::int) e
         LIMIT $1::int),
     g AS (DELETE FROM persona_activity_events
           WHERE id = ANY (ARRAY(SELECT id FROM acted)) AND created_at = ANY (ARRAY(SELECT created_at FROM acted))
           RETURNING 1),
     units AS MATERIALIZED (
         (SELECT q.id, q.created_at FROM persona CROSS JOIN LATERAL (
              SELECT id, created_at FROM quota_events WHERE persona_id = persona.id LIMIT $1::int) q
          LIMIT $1::int)
         UNION ALL
         (SELECT id, created_at FROM quota_events WHERE user_id = (SELECT user_id FROM account) LIMIT $1::int)),
     h AS (DELETE FROM quota_events
           WHERE id = ANY (ARRAY(SELECT id FROM units)) AND created_at = ANY (ARRAY(SELECT created_at FROM units))
           RETURNING 1),
     i AS (DELETE FROM persona_digests WHERE id IN (
               SELECT d.id FROM persona JOIN persona_digests d ON d.persona_id = persona.id LIMIT $1::int)
           RETURNING 1),
     free AS MATERIALIZED (
         SELECT id FROM jobs WHERE id IN (
             (SELECT j.id FROM persona JOIN jobs j ON j.persona_id = persona.id LIMIT $1::int)
             UNION (SELECT id FROM jobs WHERE user_id = (SELECT user_id FROM account) LIMIT $1::int))
         ORDER BY id FOR UPDATE SKIP LOCKED),
     j AS (DELETE FROM jobs WHERE id IN (SELECT id FROM free) RETURNING 1),
     k AS (UPDATE posts SET template_id = NULL WHERE id IN (
               SELECT p.id FROM template JOIN posts p ON p.template_id = template.id LIMIT $1::int)
           RETURNING 1),
     used AS (DELETE FROM template_users
              WHERE day IN (SELECT utc_day(now()) - n FROM generate_series(-1, 31) n)
                AND template_id IN (SELECT id FROM template)),
     l AS (DELETE FROM template_usage WHERE (template_id, day, slot) IN (
               SELECT t.template_id, t.day, t.slot FROM template JOIN template_usage t ON t.template_id = template.id
               LIMIT $1::int)
           RETURNING 1),
     m AS (DELETE FROM idempotency_keys WHERE (user_id, route, key) IN (
               SELECT user_id, route, key FROM idempotency_keys
               WHERE user_id = (SELECT user_id FROM account) LIMIT $1::int)
           RETURNING 1),
     past AS MATERIALIZED (
         (SELECT d.id, d.finished_at FROM persona CROSS JOIN LATERAL (
              SELECT id, finished_at FROM jobs_done WHERE persona_id = persona.id
              LIMIT $1::int FOR UPDATE SKIP LOCKED) d
          LIMIT $1::int)
         UNION ALL
         SELECT id, finished_at FROM (
             SELECT id, finished_at FROM jobs_done WHERE user_id = (SELECT user_id FROM account)
             LIMIT $1::int FOR UPDATE SKIP LOCKED) d),
     n AS (DELETE FROM jobs_done
           WHERE id = ANY (ARRAY(SELECT id FROM past)) AND finished_at = ANY (ARRAY(SELECT finished_at FROM past))
           RETURNING 1)
SELECT count(*)
FROM (SELECT FROM a UNION ALL SELECT FROM b UNION ALL SELECT FROM c UNION ALL SELECT FROM d UNION ALL SELECT FROM e
      UNION ALL SELECT FROM f UNION ALL SELECT FROM g UNION ALL SELECT FROM h UNION ALL SELECT FROM i
      UNION ALL SELECT FROM j UNION ALL SELECT FROM k UNION ALL SELECT FROM l UNION ALL SELECT FROM m
      UNION ALL SELECT FROM n) gone
