-- Records that users were active, each at most once an hour. A user who comes back after a long
-- time is due for a weekly digest.
-- writes
-- $1 uuid[] users
-- Rows: id uuid of each user whose row is locked at this moment; the caller sends them again
-- Rows are locked in order and never waited for, since the statement shares the connections of
-- requests.
WITH stale AS (
         SELECT id FROM users WHERE id = ANY ($1::uuid[])
           AND (last_active_at IS NULL OR last_active_at < now() - interval '1 hour')),
     free AS MATERIALIZED (
         SELECT id FROM users WHERE id IN (SELECT id FROM stale) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
     recorded AS (
         UPDATE users u SET last_active_at = now(), weekly_due_at = coalesce(u.weekly_due_at, now())
         FROM free WHERE u.id = free.id
         RETURNING u.id)
SELECT id FROM stale WHERE id NOT IN (SELECT id FROM recorded)
