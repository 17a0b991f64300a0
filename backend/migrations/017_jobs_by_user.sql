-- no transaction
-- A user's jobs go with the user. Built beside the work on a big table.
-- Interrupted, it leaves an invalid index that the next try finds in its way: DROP INDEX jobs_by_user.
CREATE INDEX CONCURRENTLY jobs_by_user ON jobs (user_id) WHERE user_id IS NOT NULL;
