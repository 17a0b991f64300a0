-- What the indexes of words know: of posts three times as many words as usual, and from now on.
-- Tables that are nearly empty stay as they are: once analysed, they would count as empty until
-- autovacuum comes by.
ALTER INDEX posts_words ALTER COLUMN 1 SET STATISTICS 300;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{posts,personas,persona_public_profiles,templates}'::text[] LOOP
        IF pg_relation_size(name::regclass) >= 1024 * 1024 THEN
            EXECUTE format('ANALYZE %I', name);
        END IF;
    END LOOP;
END
$$;

-- What a search finds of a kind: up to `most` rows older than (before, before_id), the newest
-- first. The work is bounded whatever is asked. Where a word is rare (search_rarest), an index
-- gives the rows that have it, about a thousand at most, and never more than five where the
-- statistics are old; all words are looked for in them. Else they are looked for in the newest
-- thousand rows. Both end where there are enough; where there may be more behind what was looked
-- at, a last row with is_edge says how far that was.
CREATE FUNCTION search_kind(kind text, words text[], prefix text, before timestamptz, before_id uuid, most int)
RETURNS TABLE (id uuid, created_at timestamptz, is_edge boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    query CONSTANT tsquery := search_query(words, prefix);
    patterns CONSTANT text[] := search_patterns(words, prefix);
    place CONSTANT int := search_rarest(
        CASE kind WHEN 'battle' THEN '{posts_words}' WHEN 'persona' THEN '{personas_words,profiles_words}'
                  ELSE '{templates_words}' END::regclass[], words, prefix);
    rare CONSTANT tsquery := search_term((words || prefix)[place], place > cardinality(words));
    most_looked_at CONSTANT int := CASE WHEN rare IS NULL THEN 1000 ELSE 5000 END;
    candidates refcursor;
    looked int := 0;
    matched int := 0;
    has_it boolean;
BEGIN
    IF query IS NULL THEN
        RETURN;
    END IF;
    IF kind = 'battle' AND rare IS NOT NULL THEN
        OPEN candidates FOR
            WITH candidate AS MATERIALIZED (
                     SELECT p.id, p.created_at, p.content FROM posts p
                     WHERE p.status = 'PUBLISHED' AND search_words(p.content) @@ rare)
            SELECT c.id, c.created_at, rare = query OR c.content ~* ALL (patterns) AND search_words(c.content) @@ query
            FROM candidate c
            WHERE (c.created_at, c.id) < (before, before_id)
            ORDER BY c.created_at DESC, c.id DESC LIMIT most_looked_at;
    ELSIF kind = 'battle' THEN
        OPEN candidates FOR
            SELECT p.id, p.created_at, p.content ~* ALL (patterns) AND search_words(p.content) @@ query FROM posts p
            WHERE p.status = 'PUBLISHED' AND (p.created_at, p.id) < (before, before_id)
            ORDER BY p.created_at DESC, p.id DESC LIMIT most_looked_at;
    ELSIF kind = 'persona' AND rare IS NOT NULL THEN
        OPEN candidates FOR
            WITH candidate AS MATERIALIZED (
                     SELECT a.id FROM personas a WHERE search_words(a.name) @@ rare
                     UNION SELECT f.persona_id FROM persona_public_profiles f
                           WHERE f.is_public AND search_words(f.bio) @@ rare)
            SELECT f.persona_id, f.created_at,
                   a.name || ' ' || f.bio ~* ALL (patterns) AND search_words(a.name || ' ' || f.bio) @@ query
            FROM candidate c JOIN personas a USING (id)
            JOIN persona_public_profiles f ON f.persona_id = c.id AND f.is_public
            WHERE (f.created_at, f.persona_id) < (before, before_id)
            ORDER BY f.created_at DESC, f.persona_id DESC LIMIT most_looked_at;
    ELSIF kind = 'persona' THEN
        OPEN candidates FOR
            SELECT f.persona_id, f.created_at,
                   a.name || ' ' || f.bio ~* ALL (patterns) AND search_words(a.name || ' ' || f.bio) @@ query
            FROM persona_public_profiles f JOIN personas a ON a.id = f.persona_id
            WHERE f.is_public AND (f.created_at, f.persona_id) < (before, before_id)
            ORDER BY f.created_at DESC, f.persona_id DESC LIMIT most_looked_at;
    ELSIF rare IS NOT NULL THEN
        OPEN candidates FOR
            WITH candidate AS MATERIALIZED (
                     SELECT t.id, t.created_at, t.name || ' ' || t.prompt_rules AS content FROM templates t
                     WHERE t.is_public AND search_words(t.name || ' ' || t.prompt_rules) @@ rare)
            SELECT c.id, c.created_at, rare = query OR c.content ~* ALL (patterns) AND search_words(c.content) @@ query
            FROM candidate c
            WHERE (c.created_at, c.id) < (before, before_id)
            ORDER BY c.created_at DESC, c.id DESC LIMIT most_looked_at;
    ELSE
        OPEN candidates FOR
            SELECT t.id, t.created_at,
                   t.name || ' ' || t.prompt_rules ~* ALL (patterns)
                   AND search_words(t.name || ' ' || t.prompt_rules) @@ query FROM templates t
            WHERE t.is_public AND (t.created_at, t.id) < (before, before_id)
            ORDER BY t.created_at DESC, t.id DESC LIMIT most_looked_at;
    END IF;
    LOOP
        FETCH candidates INTO id, created_at, has_it;
        EXIT WHEN NOT FOUND;
        looked := looked + 1;
        matched := matched + has_it::int;
        is_edge := false;
        IF has_it THEN
            RETURN NEXT;
        END IF;
        EXIT WHEN matched = most;
        is_edge := looked = most_looked_at;
        IF is_edge THEN
            RETURN NEXT;
        END IF;
    END LOOP;
    CLOSE candidates;
END
$$;
