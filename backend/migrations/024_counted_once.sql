-- What one person does again and again counts once. The tables hold this themselves, so it is true
-- of rows that somebody writes by hand, too.

-- Who sent an event over POST /events: a hash of the network under the service's secret. Null: it
-- is the server's own event, or written by hand.
ALTER TABLE events ADD COLUMN client uuid;

-- Whose share of a battle was counted on a day. The voter is the user, or else the client; each
-- event of nobody, written by hand, counts. There is no foreign key, as its check could wait for
-- the post's row; a row goes when no window (battle_engagement) has its day any more.
CREATE TABLE battle_sharers (
    day date NOT NULL,
    battle_id uuid NOT NULL,
    voter uuid NOT NULL,
    PRIMARY KEY (day, battle_id, voter)
);

-- Whose remix of a battle was counted, and for which day: a user's first remix of it counts, ever.
-- A row stands beside the post that is the remix, so there are never more than posts.
CREATE TABLE battle_remixers (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    battle_id uuid NOT NULL,
    day date NOT NULL,
    PRIMARY KEY (user_id, battle_id)
);

-- Whose use of a template was counted on a day: template_usage.posts counts these from here on.
CREATE TABLE template_users (
    day date NOT NULL,
    template_id uuid NOT NULL,
    user_id uuid NOT NULL,
    PRIMARY KEY (day, template_id, user_id)
);

-- Notifications from one user to another, by UTC day.
CREATE TABLE notification_counts (
    day date NOT NULL,
    actor_user_id uuid NOT NULL,
    user_id uuid NOT NULL,
    sent int NOT NULL,
    PRIMARY KEY (day, actor_user_id, user_id)
);

-- As 009_engagement.sql has it, but for who was counted already. Of two statements that count the
-- same voter at once, the second waits for the first's commit. Rows are locked in key order. The
-- planner doesn't know how many events there are: each finds its post by the key in any case.
CREATE OR REPLACE FUNCTION count_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := utc_day(now());
    windows bigint;
BEGIN
    INSERT INTO event_counts (event_name, day, slot, events)
    SELECT event_name, utc_day(created_at), pg_backend_pid() % 16, count(*)
    FROM new_events WHERE isfinite(created_at)
    GROUP BY 1, 2 ORDER BY 2, 1
    ON CONFLICT (day, event_name, slot) DO UPDATE SET events = event_counts.events + excluded.events;

    IF NOT EXISTS (SELECT FROM new_events WHERE event_name IN ('battle_shared', 'remix_completed')) THEN
        RETURN NULL;
    END IF;
    WITH act AS MATERIALIZED (
             SELECT p.id AS battle_id, p.created_at AS posted_at, utc_day(e.created_at) AS day, event_name, e.user_id,
                    coalesce(e.user_id, e.client) AS voter
             FROM new_events e CROSS JOIN LATERAL (
                 SELECT id, created_at FROM posts WHERE id = battle_of(e.metadata) LIMIT 1) p
             WHERE event_name IN ('battle_shared', 'remix_completed') AND e.created_at >= now() - interval '15 days'
               AND isfinite(e.created_at) AND utc_day(e.created_at) + 13 >= today),
         shared AS (
             INSERT INTO battle_sharers (day, battle_id, voter)
             SELECT DISTINCT day, battle_id, voter FROM act
             WHERE event_name = 'battle_shared' AND voter IS NOT NULL ORDER BY 1, 2, 3
             ON CONFLICT DO NOTHING
             RETURNING day, battle_id),
         remixed AS (
             INSERT INTO battle_remixers (user_id, battle_id, day)
             SELECT user_id, battle_id, min(day) FROM act
             WHERE event_name = 'remix_completed' AND user_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
             ON CONFLICT DO NOTHING
             RETURNING day, battle_id),
         counted AS (
             SELECT battle_id, day, sum(shares) AS shares, sum(remixes) AS remixes
             FROM (SELECT battle_id, day, 1 AS shares, 0 AS remixes FROM shared
                   UNION ALL SELECT battle_id, day, 0, 1 FROM remixed
                   UNION ALL SELECT battle_id, day, 1, 0 FROM act WHERE event_name = 'battle_shared' AND voter IS NULL
                   UNION ALL SELECT battle_id, day, 0, 1 FROM act
                             WHERE event_name = 'remix_completed' AND user_id IS NULL) one
             GROUP BY 1, 2)
    INSERT INTO battle_engagement (battle_id, day, posted_at, shares, remixes)
    SELECT battle_id, c.day + ahead, posted_at, sum(c.shares), sum(c.remixes)
    FROM counted c JOIN (SELECT DISTINCT battle_id, posted_at FROM act) p USING (battle_id)
    CROSS JOIN generate_series(0, 13) ahead
    WHERE c.day + ahead >= today
    GROUP BY 1, 2, 3 ORDER BY 1, 2
    ON CONFLICT (battle_id, day) DO UPDATE
        SET shares = battle_engagement.shares + excluded.shares, remixes = battle_engagement.remixes + excluded.remixes;

    -- What is over goes as fast as new rows come, and twice that.
    GET DIAGNOSTICS windows = ROW_COUNT;
    IF windows > 0 THEN
        DELETE FROM battle_engagement WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM battle_engagement WHERE day < today ORDER BY day LIMIT 2 * windows
            FOR UPDATE SKIP LOCKED));
        DELETE FROM battle_sharers WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM battle_sharers WHERE day < today - 15 ORDER BY day LIMIT 2 * windows
            FOR UPDATE SKIP LOCKED));
    END IF;
    RETURN NULL;
END
$$;

-- As 019_recount_events.sql has it, but for who counts once. A user's first remix of more than 15
-- days ago keeps its row, so that a later one doesn't count.
CREATE OR REPLACE FUNCTION recount_events() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    today date := utc_day(now());
    remade text[];
    statement text;
BEGIN
    LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
    TRUNCATE event_counts, battle_engagement, battle_sharers;
    DELETE FROM battle_remixers WHERE day >= today - 15;

    INSERT INTO event_counts (event_name, day, slot, events)
    SELECT event_name, utc_day(created_at), 0, count(*) FROM events WHERE isfinite(created_at) GROUP BY 1, 2;

    remade := ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index
                    WHERE indrelid = 'battle_engagement'::regclass AND NOT indisprimary ORDER BY indexrelid);
    FOR statement IN SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index
                     WHERE indrelid = 'battle_engagement'::regclass AND NOT indisprimary LOOP
        EXECUTE statement;
    END LOOP;
    ALTER TABLE battle_engagement DROP CONSTRAINT battle_engagement_pkey;

    WITH act AS MATERIALIZED (
             SELECT p.id AS battle_id, utc_day(e.created_at) AS day, event_name, e.user_id,
                    coalesce(e.user_id, e.client) AS voter
             FROM events e JOIN posts p ON p.id = battle_of(e.metadata)
             WHERE event_name IN ('battle_shared', 'remix_completed') AND e.created_at >= now() - interval '15 days'
               AND isfinite(e.created_at) AND utc_day(e.created_at) + 13 >= today),
         shared AS (
             INSERT INTO battle_sharers (day, battle_id, voter)
             SELECT DISTINCT day, battle_id, voter FROM act WHERE event_name = 'battle_shared' AND voter IS NOT NULL
             RETURNING day, battle_id),
         remixed AS (
             INSERT INTO battle_remixers (user_id, battle_id, day)
             SELECT user_id, battle_id, min(day) FROM act
             WHERE event_name = 'remix_completed' AND user_id IS NOT NULL GROUP BY 1, 2
             ON CONFLICT DO NOTHING
             RETURNING day, battle_id),
         counted AS (
             SELECT battle_id, day, sum(shares) AS shares, sum(remixes) AS remixes
             FROM (SELECT battle_id, day, 1 AS shares, 0 AS remixes FROM shared
                   UNION ALL SELECT battle_id, day, 0, 1 FROM remixed
                   UNION ALL SELECT battle_id, day, 1, 0 FROM act WHERE event_name = 'battle_shared' AND voter IS NULL
                   UNION ALL SELECT battle_id, day, 0, 1 FROM act
                             WHERE event_name = 'remix_completed' AND user_id IS NULL) one
             GROUP BY 1, 2)
    INSERT INTO battle_engagement (battle_id, day, posted_at, shares, remixes)
    SELECT p.id, c.day + ahead, p.created_at, sum(c.shares), sum(c.remixes)
    FROM counted c JOIN posts p ON p.id = c.battle_id CROSS JOIN generate_series(0, 13) ahead
    WHERE c.day + ahead >= today
    GROUP BY p.id, c.day + ahead;

    ALTER TABLE battle_engagement ADD CONSTRAINT battle_engagement_pkey PRIMARY KEY (battle_id, day);
    FOREACH statement IN ARRAY remade LOOP
        EXECUTE statement;
    END LOOP;
END
$$;

-- A user's use of a template counts once a day. What no feed reads any more goes: of the templates
-- that are used, and of those days whose users were counted.
CREATE OR REPLACE FUNCTION count_template_usage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    over date := utc_day(now()) - 30;
BEGIN
    IF NOT EXISTS (SELECT FROM new_posts WHERE template_id IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    WITH first AS (
        INSERT INTO template_users (day, template_id, user_id)
        SELECT DISTINCT utc_day(created_at), template_id, user_id
        FROM new_posts WHERE template_id IS NOT NULL AND isfinite(created_at) ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING
        RETURNING day, template_id)
    INSERT INTO template_usage (template_id, day, slot, posts)
    SELECT template_id, day, pg_backend_pid() % 16, count(*) FROM first GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (template_id, day, slot) DO UPDATE SET posts = template_usage.posts + excluded.posts;

    DELETE FROM template_usage WHERE ctid = ANY (ARRAY(
        SELECT u.ctid
        FROM (SELECT DISTINCT template_id FROM new_posts WHERE template_id IS NOT NULL) t CROSS JOIN LATERAL (
            SELECT ctid FROM template_usage WHERE template_id = t.template_id AND day < over LIMIT 100
            FOR UPDATE SKIP LOCKED) u));
    DELETE FROM template_users WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM template_users WHERE day < over ORDER BY day LIMIT 2 * (SELECT count(*) FROM new_posts)
        FOR UPDATE SKIP LOCKED));
    RETURN NULL;
END
$$;

-- At most 20 notifications a day from one user to another; further ones aren't stored. The count's
-- row is locked until the commit, so the bound is exact. Counts of past days go twice as fast as
-- new ones come.
CREATE FUNCTION bound_notifications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification_counts AS c (day, actor_user_id, user_id, sent)
    VALUES (utc_day(NEW.created_at), NEW.actor_user_id, NEW.user_id, 1)
    ON CONFLICT (day, actor_user_id, user_id) DO UPDATE SET sent = c.sent + 1 WHERE c.sent < 20;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM notification_counts WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM notification_counts WHERE day < utc_day(now()) - 1 ORDER BY day LIMIT 2
        FOR UPDATE SKIP LOCKED));
    RETURN NEW;
END
$$;

CREATE TRIGGER notifications_bound BEFORE INSERT ON notifications FOR EACH ROW
    WHEN (NEW.actor_user_id IS NOT NULL) EXECUTE FUNCTION bound_notifications();
