-- What public profiles and notifications are read by: indexes, counts and shapes.

-- A persona's published posts, newest first; room_id rides along so that they are counted by room from the index alone.
CREATE INDEX posts_published_by_persona ON posts (persona_id, created_at DESC, id DESC) INCLUDE (room_id)
    WHERE status = 'PUBLISHED' AND persona_id IS NOT NULL;

-- Newest first by time, as rows written by hand may say when they were. It serves what the index by id did.
CREATE INDEX notifications_newest ON notifications (user_id, created_at DESC, id DESC);
DROP INDEX notifications_by_user;

-- Followers, counted as they come and go, so that a profile costs the same however many it has. Eight parts, by follower: a persona that many
-- follow at once is not one hot row.
CREATE TABLE persona_follower_counts (
    persona_id uuid NOT NULL REFERENCES personas ON DELETE CASCADE,
    part smallint NOT NULL,
    followers bigint NOT NULL,
    PRIMARY KEY (persona_id, part)
);

CREATE FUNCTION follower_part(follower_user_id uuid) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (get_byte(uuid_send(follower_user_id), 15) & 7)::smallint
$$;

-- Both lock the counts in the order of their keys: no deadlocks among statements that change many.
CREATE FUNCTION count_new_followers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO persona_follower_counts AS c (persona_id, part, followers)
    SELECT followed_persona_id, follower_part(follower_user_id), count(*) FROM new_follows GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (persona_id, part) DO UPDATE SET followers = c.followers + excluded.followers;
    RETURN NULL;
END
$$;

-- A persona's deletion may have taken the counts already.
CREATE FUNCTION count_old_followers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (
             SELECT followed_persona_id AS persona_id, follower_part(follower_user_id) AS part, count(*) AS n FROM old_follows GROUP BY 1, 2),
         locked AS (
             SELECT persona_id, part, n FROM persona_follower_counts JOIN gone USING (persona_id, part)
             ORDER BY persona_id, part FOR UPDATE OF persona_follower_counts)
    UPDATE persona_follower_counts c SET followers = c.followers - l.n FROM locked l WHERE (c.persona_id, c.part) = (l.persona_id, l.part);
    RETURN NULL;
END
$$;

CREATE TRIGGER persona_follows_count_new AFTER INSERT ON persona_follows
    REFERENCING NEW TABLE AS new_follows FOR EACH STATEMENT EXECUTE FUNCTION count_new_followers();
CREATE TRIGGER persona_follows_count_old AFTER DELETE ON persona_follows
    REFERENCING OLD TABLE AS old_follows FOR EACH STATEMENT EXECUTE FUNCTION count_old_followers();
CREATE TRIGGER persona_follows_count_changed_old AFTER UPDATE ON persona_follows
    REFERENCING OLD TABLE AS old_follows FOR EACH STATEMENT EXECUTE FUNCTION count_old_followers();
CREATE TRIGGER persona_follows_count_changed_to_new AFTER UPDATE ON persona_follows
    REFERENCING NEW TABLE AS new_follows FOR EACH STATEMENT EXECUTE FUNCTION count_new_followers();

-- Those that are there already. None comes meanwhile: CREATE TRIGGER holds the table until the end of this migration.
INSERT INTO persona_follower_counts (persona_id, part, followers)
SELECT followed_persona_id, follower_part(follower_user_id), count(*) FROM persona_follows GROUP BY 1, 2;

-- A post as everybody sees it on its persona's profile.
CREATE FUNCTION public_post_json(p posts, room_name text) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_object('id', p.id, 'room_id', p.room_id, 'room_name', room_name, 'authored_by', p.authored_by, 'content', p.content,
        'created_at', utc(p.created_at))
$$;

CREATE FUNCTION notification_json(n notifications) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object('id', n.id, 'actor_user_id', n.actor_user_id, 'type', n.type, 'title', n.title, 'body', n.body,
        'metadata', n.metadata, 'read_at', utc(n.read_at), 'created_at', utc(n.created_at)))
$$;
