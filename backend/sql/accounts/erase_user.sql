-- Deletes an account of which nothing is left that may be many: personas and templates in batches,
-- then the user.
-- writes
-- $1 int personas and templates at most
-- One row: the number of rows deleted.
-- An account is one worker's at a time. What came in meanwhile goes by the foreign keys. The user's
-- revocation goes, too: without the user every statement refuses its tokens.
WITH account AS MATERIALIZED (
         SELECT d.user_id FROM account_deletions d
         WHERE NOT EXISTS (SELECT FROM posts WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM replies WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM notifications WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM notifications WHERE actor_user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM events WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM jobs WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM jobs_done WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM quota_events WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM persona_follows WHERE follower_user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM idempotency_keys WHERE user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM personas p JOIN jobs j ON j.persona_id = p.id WHERE p.user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM personas p JOIN jobs_done j ON j.persona_id = p.id WHERE p.user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM personas p JOIN persona_activity_events e ON e.persona_id = p.id
                           WHERE p.user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM personas p JOIN persona_follows f ON f.followed_persona_id = p.id
                           WHERE p.user_id = d.user_id)
           AND NOT EXISTS (SELECT FROM templates t JOIN posts p ON p.template_id = t.id
                           WHERE t.owner_user_id = d.user_id)
         LIMIT 1 FOR UPDATE OF d SKIP LOCKED),
     persona AS MATERIALIZED (
         SELECT id FROM personas WHERE user_id = (SELECT user_id FROM account) ORDER BY id LIMIT $1::int FOR UPDATE),
     template AS MATERIALIZED (
         SELECT id FROM templates WHERE owner_user_id = (SELECT user_id FROM account) ORDER BY id LIMIT $1::int),
     personas_gone AS (DELETE FROM personas WHERE id IN (SELECT id FROM persona) RETURNING id),
     templates_gone AS (DELETE FROM templates WHERE id IN (SELECT id FROM template) RETURNING id),
     last AS (
         SELECT user_id FROM account
         WHERE NOT EXISTS (SELECT FROM persona) AND NOT EXISTS (SELECT FROM template)),
     user_gone AS (DELETE FROM users WHERE id IN (SELECT user_id FROM last) RETURNING id),
     revocation_gone AS (DELETE FROM revocations WHERE id IN (SELECT id FROM user_gone))
SELECT (SELECT count(*) FROM personas_gone) + (SELECT count(*) FROM templates_gone)
       + (SELECT count(*) FROM user_gone)
