-- no transaction
-- Public profiles, the newest first. Interrupted, it leaves an invalid index that the next try
-- finds in its way: DROP INDEX profiles_newest.
CREATE INDEX CONCURRENTLY profiles_newest ON persona_public_profiles (created_at DESC, persona_id DESC) WHERE is_public;
