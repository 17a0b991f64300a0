-- no transaction
-- What a user caused others to be told goes with the user. Built beside the work on a big table.
-- Interrupted, it leaves an invalid index that the next try finds in its way:
-- DROP INDEX notifications_by_actor.
CREATE INDEX CONCURRENTLY notifications_by_actor ON notifications (actor_user_id) WHERE actor_user_id IS NOT NULL;
