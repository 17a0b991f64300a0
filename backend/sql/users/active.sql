-- Records that users were active, each at most once an hour, and in which sessions. A user who
-- comes back after a long time is due for a weekly digest.
-- writes
-- $1 uuid[] users   $2 uuid[] the session of each, or null
-- Rows: id uuid of each user whose row is locked at this moment; the caller sends them again
-- Rows are locked in order and never waited for, since the statement shares the connections of
-- requests. A session that is locked just now is seen again in an hour.
WITH stale AS (
         SELECT id FROM users WHERE id = ANY ($1::uuid[])
           AND (last_active_at IS NULL OR last_active_at < now() - interval '1 hour')),
     free AS MATERIALIZED (
         SELECT id FROM users WHERE id IN (SELECT id FROM stale) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
     recorded AS (
         UPDATE users u SET last_active_at = now(), weekly_due_at = coalesce(u.weekly_due_at, now())
         FROM free WHERE u.id = free.id
         RETURNING u.id),
     used AS MATERIALIZED (
         SELECT id FROM sessions
         WHERE id = ANY ($2::uuid[]) AND ended_at IS NULL AND last_seen_at < now() - interval '1 hour'
         ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
     seen AS (UPDATE sessions s SET last_seen_at = now() FROM used WHERE s.id = used.id)
SELECT id FROM stale WHERE id NOT IN (SELECT id FROM recorded)
