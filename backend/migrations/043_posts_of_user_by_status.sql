-- no transaction
-- A user's drafts and published posts, each from its newest end. Built beside the work on a big
-- table. Interrupted, it leaves an invalid index that the next try finds in its way:
-- DROP INDEX posts_of_user_by_status.
CREATE INDEX CONCURRENTLY posts_of_user_by_status ON posts (user_id, status, created_at DESC, id DESC);
