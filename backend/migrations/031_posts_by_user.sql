-- no transaction
-- A user's posts go with the user, and are exported. Built beside the work on a big table.
-- Interrupted, it leaves an invalid index that the next try finds in its way:
-- DROP INDEX posts_by_user.
CREATE INDEX CONCURRENTLY posts_by_user ON posts (user_id, created_at, id);
