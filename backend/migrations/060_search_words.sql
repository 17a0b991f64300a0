-- Indexes are made of search_words, and a dump is restored with an empty search_path: what the
-- function calls has its schema, or the four indexes of words would be missing afterwards.
CREATE OR REPLACE FUNCTION search_words(value text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple'::regconfig, public.search_fold(value))
$$;
