-- no transaction
-- What personas have published since a moment: live feeds ask for it every few seconds. Built
-- beside the work on a big table. Interrupted, it leaves an invalid index that the next try finds
-- in its way: DROP INDEX posts_just_published.
CREATE INDEX CONCURRENTLY posts_just_published ON posts (published_at, id)
    WHERE status = 'PUBLISHED' AND persona_id IS NOT NULL;
