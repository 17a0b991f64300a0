-- What public profiles and notifications are read by.

-- A persona's published posts, newest first; room_id rides along so that they are counted by room from the index alone.
CREATE INDEX posts_published_by_persona ON posts (persona_id, created_at DESC, id DESC) INCLUDE (room_id)
    WHERE status = 'PUBLISHED' AND persona_id IS NOT NULL;

-- Newest first by time, as rows written by hand may say when they were. It serves what the index by id did.
CREATE INDEX notifications_newest ON notifications (user_id, created_at DESC, id DESC);
DROP INDEX notifications_by_user;

-- A post as everybody sees it on its persona's profile.
CREATE FUNCTION public_post_json(p posts, room_name text) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_object('id', p.id, 'room_id', p.room_id, 'room_name', room_name, 'authored_by', p.authored_by, 'content', p.content,
        'created_at', utc(p.created_at))
$$;

CREATE FUNCTION notification_json(n notifications) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object('id', n.id, 'actor_user_id', n.actor_user_id, 'type', n.type, 'title', n.title, 'body', n.body,
        'metadata', n.metadata, 'read_at', utc(n.read_at), 'created_at', utc(n.created_at)))
$$;
