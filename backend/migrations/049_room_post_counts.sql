-- A room's published posts, counted as they come and go, so that the list of rooms costs the same
-- however many they are. Eight parts, by post: where many publish at once is not one hot row. Part
-- 8 has the posts from before the triggers (050_room_posts_before.sql).
CREATE TABLE room_post_counts (
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    part smallint NOT NULL,
    posts bigint NOT NULL,
    PRIMARY KEY (room_id, part)
);

CREATE FUNCTION room_post_part(post_id uuid) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (get_byte(uuid_send(post_id), 15) & 7)::smallint
$$;

-- All lock the counts in the order of their keys: no deadlocks among statements that change many.
-- Of a room that goes with its posts the counts are gone already.
CREATE FUNCTION count_new_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_post_counts AS c (room_id, part, posts)
    SELECT p.room_id, room_post_part(p.id), count(*) FROM new_posts p JOIN rooms r ON r.id = p.room_id
    WHERE p.status = 'PUBLISHED' GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (room_id, part) DO UPDATE SET posts = c.posts + excluded.posts;
    RETURN NULL;
END
$$;

CREATE FUNCTION count_old_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_post_counts AS c (room_id, part, posts)
    SELECT p.room_id, room_post_part(p.id), -count(*) FROM old_posts p JOIN rooms r ON r.id = p.room_id
    WHERE p.status = 'PUBLISHED' GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (room_id, part) DO UPDATE SET posts = c.posts + excluded.posts;
    RETURN NULL;
END
$$;

-- Approval, above all. An edit changes neither column, and costs nothing here.
CREATE FUNCTION count_changed_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_post_counts AS c (room_id, part, posts)
    SELECT room_id, room_post_part(NEW.id), sum(change) FROM (
        VALUES (OLD.room_id, CASE WHEN OLD.status = 'PUBLISHED' THEN -1 ELSE 0 END),
               (NEW.room_id, CASE WHEN NEW.status = 'PUBLISHED' THEN 1 ELSE 0 END)) v (room_id, change)
    GROUP BY 1 HAVING sum(change) <> 0 ORDER BY 1
    ON CONFLICT (room_id, part) DO UPDATE SET posts = c.posts + excluded.posts;
    RETURN NULL;
END
$$;

CREATE TRIGGER posts_count_new AFTER INSERT ON posts
    REFERENCING NEW TABLE AS new_posts FOR EACH STATEMENT EXECUTE FUNCTION count_new_posts();
CREATE TRIGGER posts_count_old AFTER DELETE ON posts
    REFERENCING OLD TABLE AS old_posts FOR EACH STATEMENT EXECUTE FUNCTION count_old_posts();
CREATE TRIGGER posts_count_changed AFTER UPDATE OF status, room_id ON posts FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.room_id <> NEW.room_id) EXECUTE FUNCTION count_changed_post();
