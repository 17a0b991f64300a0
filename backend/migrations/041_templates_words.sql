-- no transaction
-- Words of public templates. Interrupted, it leaves an invalid index that the next try finds in its
-- way: DROP INDEX templates_words.
CREATE INDEX CONCURRENTLY templates_words ON templates USING gin (search_words(name || ' ' || prompt_rules))
    WHERE is_public;
