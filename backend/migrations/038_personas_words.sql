-- no transaction
-- Words of personas' names. Interrupted, it leaves an invalid index that the next try finds in its
-- way: DROP INDEX personas_words.
CREATE INDEX CONCURRENTLY personas_words ON personas USING gin (search_words(name));
