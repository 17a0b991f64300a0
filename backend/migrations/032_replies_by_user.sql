-- no transaction
-- A user's replies go with the user, and are exported. Built beside the work on a big table.
-- Interrupted, it leaves an invalid index that the next try finds in its way:
-- DROP INDEX replies_by_user.
CREATE INDEX CONCURRENTLY replies_by_user ON replies (user_id, created_at, id) WHERE user_id IS NOT NULL;
