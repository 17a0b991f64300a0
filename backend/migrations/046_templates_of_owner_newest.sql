-- no transaction
-- A user's templates, newest first. Built beside the work on a big table. Interrupted, it leaves an
-- invalid index that the next try finds in its way: DROP INDEX templates_of_owner_newest.
CREATE INDEX CONCURRENTLY templates_of_owner_newest ON templates (owner_user_id, created_at DESC, id DESC)
    WHERE owner_user_id IS NOT NULL;
