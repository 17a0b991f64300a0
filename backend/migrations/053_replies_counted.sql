-- How many replies a post has, kept with the post: a list of 100 posts would pay 4 us for each to
-- count them, as much as for all else that it shows. A column that no index has, and room in each
-- page, so that an update seldom touches an index.

ALTER TABLE posts ADD COLUMN replies_count int; -- null: not counted yet, so readers do
ALTER TABLE posts ALTER COLUMN replies_count SET DEFAULT 0;
ALTER TABLE posts SET (fillfactor = 90);

-- Both lock the posts in the order of their ids: no deadlocks among statements that change many.
-- A post of before this migration is counted at its next reply. Whoever waits for the row meanwhile
-- finds it counted, and adds to that.
CREATE FUNCTION count_new_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH come AS (SELECT post_id, count(*) AS n FROM new_replies GROUP BY post_id),
         locked AS (
             SELECT p.id, come.n FROM come JOIN posts p ON p.id = come.post_id ORDER BY p.id FOR NO KEY UPDATE OF p)
    UPDATE posts p
    SET replies_count = CASE WHEN p.replies_count IS NULL THEN (SELECT count(*) FROM replies WHERE post_id = p.id)
                             ELSE p.replies_count + l.n END
    FROM locked l WHERE p.id = l.id;
    RETURN NULL;
END
$$;

-- A post that is deleted takes its replies along, and isn't found.
CREATE FUNCTION count_old_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (SELECT post_id, count(*) AS n FROM old_replies GROUP BY post_id),
         locked AS (
             SELECT p.id, gone.n FROM gone JOIN posts p ON p.id = gone.post_id ORDER BY p.id FOR NO KEY UPDATE OF p)
    UPDATE posts p SET replies_count = p.replies_count - l.n FROM locked l
    WHERE p.id = l.id AND p.replies_count IS NOT NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER replies_count_new AFTER INSERT ON replies
    REFERENCING NEW TABLE AS new_replies FOR EACH STATEMENT EXECUTE FUNCTION count_new_replies();
CREATE TRIGGER replies_count_old AFTER DELETE ON replies
    REFERENCING OLD TABLE AS old_replies FOR EACH STATEMENT EXECUTE FUNCTION count_old_replies();
