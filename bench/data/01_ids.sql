-- The id of the n-th row of a kind, in the form of a random one: known without a look, so that no load joins the loads before it.
-- Functions of the session: nothing of them stays in the database.
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT overlay(overlay(md5(kind || n::text) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid
$$;

-- Numbers that look random and are the same in each run: n spread over 0 .. most - 1.
CREATE FUNCTION pg_temp.spread(n bigint, most bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (n * 2654435761 % 4294967296) % most
$$;

-- The age of the n-th post: the newest is a minute old, the oldest two months.
CREATE FUNCTION pg_temp.post_age(n bigint, posts bigint) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT interval '1 minute' + n * (interval '60 days' / posts)
$$
