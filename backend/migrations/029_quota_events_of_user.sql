-- no transaction
-- A user's model calls of a day, from the index alone; also for the user's deletion. Built beside
-- the work on a big table. Interrupted, it leaves an invalid index that the next try finds in its
-- way: DROP INDEX quota_events_of_user.
CREATE INDEX CONCURRENTLY quota_events_of_user ON quota_events (user_id, created_at) INCLUDE (calls)
    WHERE user_id IS NOT NULL;
