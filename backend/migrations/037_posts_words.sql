-- no transaction
-- Words of published posts. Built beside the work on a big table. Interrupted, it leaves an invalid
-- index that the next try finds in its way: DROP INDEX posts_words.
CREATE INDEX CONCURRENTLY posts_words ON posts USING gin (search_words(content)) WHERE status = 'PUBLISHED';
