-- no transaction
-- Words of public profiles. Interrupted, it leaves an invalid index that the next try finds in its
-- way: DROP INDEX profiles_words.
CREATE INDEX CONCURRENTLY profiles_words ON persona_public_profiles USING gin (search_words(bio)) WHERE is_public;
