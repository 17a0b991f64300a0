-- What the feed and the analytics count, kept as events and posts come in: rows that somebody inserts by hand count like any other.
-- Counts only grow. Changing or deleting an event takes nothing back: what counts is what happened.

-- The battle that an event counts for; null where its free metadata names none.
CREATE FUNCTION battle_of(metadata jsonb) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(try_uuid(metadata->>'source_battle_id'), try_uuid(metadata->>'battle_id'))
$$;

CREATE FUNCTION utc_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (at AT TIME ZONE 'UTC')::date
$$;

-- Hours since then, 0 for what lies ahead; bounded, so that a time written by hand ('-infinity') still gives a number.
CREATE FUNCTION age_in_hours(at timestamptz) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT least(greatest((extract(epoch FROM now()) - extract(epoch FROM at)) / 3600, 0), 1000000)
$$;

-- Events by name and UTC day. The rows of a day are spread over slots by connection, or all writers would wait for one row.
CREATE TABLE event_counts (
    event_name text NOT NULL,
    day date NOT NULL,
    slot smallint NOT NULL,
    events bigint NOT NULL,
    PRIMARY KEY (day, event_name, slot)
) WITH (fillfactor = 50);

-- A battle's shares and remixes in the 14 UTC days that end on `day`. An event adds to each window that it is part of, today's and those to
-- come: so the most engaged battles of a day are read off an index, and nothing has to be taken away as time goes by. A battle that many share
-- at once is one row per window, which batches of events (events/record) touch once each. There is no foreign key, as its check could wait for
-- the post's row; readers join the post.
CREATE TABLE battle_engagement (
    battle_id uuid NOT NULL,
    day date NOT NULL,
    posted_at timestamptz NOT NULL, -- the post's created_at, for the order among equals
    shares bigint NOT NULL,
    remixes bigint NOT NULL,
    weight bigint NOT NULL GENERATED ALWAYS AS (2 * shares + 4 * remixes) STORED,
    PRIMARY KEY (battle_id, day)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE INDEX battle_engagement_ranked ON battle_engagement (day, weight DESC, posted_at DESC, battle_id);

-- Posts that used a template, by UTC day, in slots as above.
CREATE TABLE template_usage (
    template_id uuid NOT NULL REFERENCES templates ON DELETE CASCADE,
    day date NOT NULL,
    slot smallint NOT NULL,
    posts bigint NOT NULL,
    PRIMARY KEY (template_id, day, slot)
) WITH (fillfactor = 50);

-- Posts with the template in the 30 UTC days that end today.
CREATE FUNCTION template_uses(template uuid) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(posts), 0)::bigint FROM template_usage
    WHERE template_id = template AND day BETWEEN utc_day(now()) - 29 AND utc_day(now())
$$;

CREATE FUNCTION feed_template_json(t templates, uses bigint, is_trending boolean) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_object('template_id', t.id, 'name', t.name, 'prompt_rules', preview(t.prompt_rules), 'turn_count', t.turn_count,
        'word_limit', t.word_limit, 'created_at', utc(t.created_at), 'usage_count', uses, 'is_trending', is_trending)
$$;

CREATE FUNCTION feed_battle_json(p posts, shares bigint, remixes bigint) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object('battle_id', p.id, 'room_id', r.id, 'room_name', r.name,
        'persona_id', p.persona_id, 'persona_name', (SELECT name FROM personas WHERE id = p.persona_id),
        'topic', battle_topic(p.content, r.name), 'created_at', utc(p.created_at), 'shares', shares, 'remixes', remixes,
        'template', (SELECT json_build_object('id', id, 'name', name) FROM templates WHERE id = p.template_id)))
    FROM rooms r WHERE r.id = p.room_id
$$;

CREATE FUNCTION count_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := utc_day(now());
    windows bigint;
BEGIN
    INSERT INTO event_counts (event_name, day, slot, events)
    SELECT event_name, utc_day(created_at), pg_backend_pid() % 16, count(*)
    FROM new_events WHERE isfinite(created_at)
    GROUP BY 1, 2 ORDER BY 2, 1
    ON CONFLICT (day, event_name, slot) DO UPDATE SET events = event_counts.events + excluded.events;

    INSERT INTO battle_engagement (battle_id, day, posted_at, shares, remixes)
    SELECT p.id, e.day + ahead, p.created_at,
           coalesce(sum(e.n) FILTER (WHERE e.event_name = 'battle_shared'), 0), coalesce(sum(e.n) FILTER (WHERE e.event_name = 'remix_completed'), 0)
    FROM (SELECT battle_of(metadata) AS battle_id, utc_day(created_at) AS day, event_name, count(*) AS n
          FROM new_events
          WHERE event_name IN ('battle_shared', 'remix_completed') AND created_at >= now() - interval '15 days' AND isfinite(created_at)
          GROUP BY 1, 2, 3) e
    JOIN posts p ON p.id = e.battle_id
    CROSS JOIN generate_series(0, 13) ahead
    WHERE e.day + ahead >= today
    GROUP BY p.id, e.day + ahead ORDER BY p.id, e.day + ahead
    ON CONFLICT (battle_id, day) DO UPDATE
        SET shares = battle_engagement.shares + excluded.shares, remixes = battle_engagement.remixes + excluded.remixes;

    -- Windows that are over go as fast as new ones come, and twice that.
    GET DIAGNOSTICS windows = ROW_COUNT;
    IF windows > 0 THEN
        DELETE FROM battle_engagement WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM battle_engagement WHERE day < today ORDER BY day LIMIT 2 * windows FOR UPDATE SKIP LOCKED));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION count_template_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO template_usage (template_id, day, slot, posts)
    SELECT template_id, utc_day(created_at), pg_backend_pid() % 16, count(*)
    FROM new_posts WHERE template_id IS NOT NULL AND isfinite(created_at)
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (template_id, day, slot) DO UPDATE SET posts = template_usage.posts + excluded.posts;
    RETURN NULL;
END
$$;

CREATE TRIGGER events_count AFTER INSERT ON events
    REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION count_events();
CREATE TRIGGER posts_count_template_usage AFTER INSERT ON posts
    REFERENCING NEW TABLE AS new_posts FOR EACH STATEMENT EXECUTE FUNCTION count_template_usage();

-- What was there before, by the same sums.
INSERT INTO event_counts (event_name, day, slot, events)
SELECT event_name, utc_day(created_at), 0, count(*) FROM events WHERE isfinite(created_at) GROUP BY 1, 2;

INSERT INTO battle_engagement (battle_id, day, posted_at, shares, remixes)
SELECT p.id, utc_day(e.created_at) + ahead, p.created_at,
       count(*) FILTER (WHERE e.event_name = 'battle_shared'), count(*) FILTER (WHERE e.event_name = 'remix_completed')
FROM events e
JOIN posts p ON p.id = battle_of(e.metadata)
CROSS JOIN generate_series(0, 13) ahead
WHERE e.event_name IN ('battle_shared', 'remix_completed') AND e.created_at >= now() - interval '15 days' AND isfinite(e.created_at)
  AND utc_day(e.created_at) + ahead >= utc_day(now())
GROUP BY 1, 2;

INSERT INTO template_usage (template_id, day, slot, posts)
SELECT template_id, utc_day(created_at), 0, count(*) FROM posts WHERE template_id IS NOT NULL AND isfinite(created_at) GROUP BY 1, 2;
