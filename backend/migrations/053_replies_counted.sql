-- How many replies a post has, and the personas that replied first, kept with the post: a list of
-- 100 posts would pay 4 us for each to count them, as much as for all else that it shows, and a
-- feed 6 us for each to find the voices. Columns that no index has, and room in each page, so that
-- an update seldom touches an index.

ALTER TABLE posts ADD COLUMN replies_count int; -- null: not counted yet, so readers do
ALTER TABLE posts ADD COLUMN voices uuid[];     -- two at most, without its own persona; null: likewise
ALTER TABLE posts ALTER COLUMN replies_count SET DEFAULT 0, ALTER COLUMN voices SET DEFAULT '{}';
ALTER TABLE posts SET (fillfactor = 90);

-- What readers do for posts of before. Functions whose plans are kept, so that other posts don't
-- pay for what these read.
CREATE FUNCTION count_replies(post uuid) RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT count(*) FROM (SELECT FROM replies WHERE post_id = post LIMIT 100) counted);
END
$$;

-- The first two among the first 50 replies. A persona replies to a post once.
CREATE FUNCTION find_voices(post uuid, author uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY(
        SELECT persona_id FROM (SELECT persona_id, created_at, id FROM replies WHERE post_id = post
                                ORDER BY created_at, id LIMIT 50) said
        WHERE persona_id IS NOT NULL AND persona_id IS DISTINCT FROM author
        ORDER BY created_at, id LIMIT 2);
END
$$;

-- Both lock the posts first, in the order of their ids: no deadlocks among statements that change
-- many, and what they then read has all that others did before they let the posts go. A post of
-- before this migration is counted at its next reply.
CREATE FUNCTION count_new_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM posts WHERE id IN (SELECT post_id FROM new_replies) ORDER BY id FOR NO KEY UPDATE;
    UPDATE posts p
    SET replies_count = CASE WHEN p.replies_count IS NULL THEN (SELECT count(*) FROM replies WHERE post_id = p.id)
                             ELSE p.replies_count + come.n END,
        voices = CASE WHEN p.voices IS NULL THEN find_voices(p.id, p.persona_id)
                      ELSE (p.voices || array_remove(come.personas, p.persona_id))[1:2] END
    FROM (SELECT post_id, count(*) AS n,
                 array_agg(persona_id ORDER BY created_at, id) FILTER (WHERE persona_id IS NOT NULL) AS personas
          FROM new_replies GROUP BY post_id) come
    WHERE p.id = come.post_id;
    RETURN NULL;
END
$$;

-- A post that is deleted takes its replies along, and isn't found. Voices of a post of before stay
-- unknown.
CREATE FUNCTION count_old_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM posts WHERE id IN (SELECT post_id FROM old_replies) ORDER BY id FOR NO KEY UPDATE;
    UPDATE posts p
    SET replies_count = p.replies_count - gone.n,
        voices = CASE WHEN p.voices && gone.personas THEN find_voices(p.id, p.persona_id) ELSE p.voices END
    FROM (SELECT post_id, count(*) AS n, array_agg(persona_id) AS personas FROM old_replies GROUP BY post_id) gone
    WHERE p.id = gone.post_id AND p.replies_count IS NOT NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER replies_count_new AFTER INSERT ON replies
    REFERENCING NEW TABLE AS new_replies FOR EACH STATEMENT EXECUTE FUNCTION count_new_replies();
CREATE TRIGGER replies_count_old AFTER DELETE ON replies
    REFERENCING OLD TABLE AS old_replies FOR EACH STATEMENT EXECUTE FUNCTION count_old_replies();
