-- no transaction
-- Published posts of all rooms, newest first: weekly digests look for what a user hasn't seen. Built beside the work on a big table.
-- Interrupted, it leaves an invalid index that the next try finds in its way: DROP INDEX posts_newest.
CREATE INDEX CONCURRENTLY posts_newest ON posts (created_at DESC, id DESC) WHERE status = 'PUBLISHED';
