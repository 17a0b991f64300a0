-- Words that are searched for, and how rare they are. The indexes come in files of their own.

-- Letters as they are compared: small, whatever the database's locale, and without the differences
-- between İ, I, ı and i, which Turkish and other languages write for each other.
CREATE FUNCTION search_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(translate(replace(value, U&'\0307', ''), 'İIıŞĞÜÖÇ', 'iiişğüöç'))
$$;

CREATE FUNCTION search_words(value text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple'::regconfig, search_fold(value))
$$;

-- The word at the end of what is searched for may be the beginning of a longer one; null: it ends
-- with none.
CREATE FUNCTION search_prefix(asked text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT substring(search_fold(asked) from '[^[:space:][:punct:]]+$')
$$;

-- The words before that one.
CREATE FUNCTION search_whole_words(asked text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT tsvector_to_array(search_words(left(search_fold(asked),
                                               char_length(search_fold(asked))
                                               - coalesce(char_length(search_prefix(asked)), 0))))
$$;

-- A word of a query, or the beginning of one.
CREATE FUNCTION search_term(word text, is_prefix boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '''' || replace(replace(word, '\', '\\'), '''', '''''') || CASE WHEN is_prefix THEN ''':*' ELSE '''' END
$$;

-- All words, and a word that begins with `prefix`; null where there is neither.
CREATE FUNCTION search_query(words text[], prefix text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(term, ' & ')::tsquery
    FROM (SELECT search_term(word, false) AS term FROM unnest(words) word
          UNION ALL SELECT search_term(prefix, true) WHERE prefix <> '') terms
$$;

-- What a text has that has these words, as patterns: cheaper to look for than words, for which the
-- text's own must be made. The longest ones will do, as each pattern is compiled.
CREATE FUNCTION search_patterns(words text[], prefix text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(CASE WHEN word ~ '^[[:alnum:]]' THEN '(?:^|[^[:alnum:]])' ELSE '' END || letters || ending)
    FROM (SELECT word, ending,
                 (SELECT string_agg(CASE WHEN c = 'i' THEN '[iİIı]'
                                         WHEN c ~ '[[:alnum:]]'
                                             THEN '[' || c || upper(c) || translate(c, 'şğüöç', 'ŞĞÜÖÇ') || ']'
                                         WHEN c <= '~' THEN '\' || c
                                         ELSE c END || '\u0307?', '' ORDER BY n)
                  FROM regexp_split_to_table(word, '') WITH ORDINALITY letter (c, n)) AS letters
          FROM (SELECT word, '(?![[:alnum:]])' AS ending FROM unnest(words) word
                UNION ALL SELECT prefix, '' WHERE prefix <> '') term
          ORDER BY char_length(word) DESC LIMIT 6) longest
$$;

-- The place of the word that the fewest rows have, `prefix` being the one behind the last, where
-- these rows are at most a thousand by the last ANALYZE: an index finds them in no time. Null: each
-- word is frequent, or a short beginning of one, which says nothing. A table of less than a
-- megabyte needs no statistics. It reads the statistics of indexes, which only their owner sees, so
-- it runs as that one.
CREATE FUNCTION search_rarest(indexes regclass[], words text[], prefix text) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    shortest_prefix CONSTANT int := 4;
    whole_words CONSTANT int := cardinality(words);
    terms CONSTANT text[] := words || CASE WHEN prefix <> '' THEN ARRAY[prefix] END;
    counts float8[] := array_fill(0::float8, ARRAY[cardinality(terms)]);
    least float8 := 1000;
    rarest int;
    of_index regclass;
    is_small boolean;
    row_count float8;
    index_name name;
    index_schema name;
    elements text[];
    shares real[];
BEGIN
    FOREACH of_index IN ARRAY indexes LOOP
        SELECT pg_relation_size(i.indrelid) < 1024 * 1024, greatest(c.reltuples, 0), c.relname, n.nspname
        INTO is_small, row_count, index_name, index_schema
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE i.indexrelid = of_index;
        CONTINUE WHEN is_small;
        elements := NULL;
        SELECT s.most_common_elems::text::text[], s.most_common_elem_freqs INTO elements, shares FROM pg_stats s
        WHERE s.schemaname = index_schema AND s.tablename = index_name AND s.attname = 'search_words';
        FOR i IN 1 .. cardinality(terms) LOOP
            counts[i] := counts[i] + CASE
                WHEN elements IS NULL OR (i > whole_words AND char_length(prefix) < shortest_prefix) THEN 'infinity'
                WHEN i <= whole_words THEN coalesce(shares[array_position(elements, terms[i])], 0) * row_count
                ELSE (SELECT coalesce(sum(share), 0) FROM unnest(elements, shares) e (element, share)
                      WHERE starts_with(element, prefix)) * row_count END;
        END LOOP;
    END LOOP;
    FOR i IN 1 .. cardinality(terms) LOOP
        IF counts[i] <= least THEN
            least := counts[i];
            rarest := i;
        END IF;
    END LOOP;
    RETURN rarest;
END
$$;
