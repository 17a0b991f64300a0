-- no transaction
-- Whom a user follows, newest first. Built beside the work on a big table. Interrupted, it leaves
-- an invalid index that the next try finds in its way: DROP INDEX follows_of_user_newest.
CREATE INDEX CONCURRENTLY follows_of_user_newest
    ON persona_follows (follower_user_id, created_at DESC, followed_persona_id DESC);
