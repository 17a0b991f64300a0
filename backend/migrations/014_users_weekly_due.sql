-- no transaction
-- Whose weekly digest is due, oldest first. Built beside the work on a big table.
-- Interrupted, it leaves an invalid index that the next try finds in its way: DROP INDEX users_weekly_due.
CREATE INDEX CONCURRENTLY users_weekly_due ON users (weekly_due_at) WHERE weekly_due_at IS NOT NULL;
