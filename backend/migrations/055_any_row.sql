-- Statements that handle many rows at once: no value that a row may hold makes one fail.

-- Whole milliseconds from now to a time: 0 where it is over, at most a century. Infinity is a time.
CREATE FUNCTION ms_until(at timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT ceil(greatest(least(extract(epoch FROM at) - extract(epoch FROM statement_timestamp()), 3155760000), 0)
                * 1000)::bigint
$$;

-- Microseconds since 1970. The last times that timestamptz knows have no such bigint.
CREATE OR REPLACE FUNCTION micros_of(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN at >= '200000-01-01 00:00:00Z' THEN 9223372036854775807
                WHEN isfinite(at) THEN (extract(epoch FROM at) * 1000000)::bigint
                WHEN at IS NOT NULL THEN -9223372036854775807 END
$$;

-- As before (006_shapes.sql), but infinity is a time: the version of a thread is never null.
CREATE OR REPLACE FUNCTION thread_version(
    post_updated_at timestamptz, replies bigint, last_reply_updated_at timestamptz)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(utc(post_updated_at), post_updated_at::text) || ' ' || replies
           || coalesce(' ' || coalesce(utc(last_reply_updated_at), last_reply_updated_at::text), '')
$$;

-- A counter after a change. One that nothing can have counted to is brought back from its end.
CREATE FUNCTION counted(so_far bigint, change numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (least(greatest(so_far, -1000000000000000), 1000000000000000)
            + least(greatest(change, -1000000000000000), 1000000000000000))::bigint
$$;

-- As before (010_queue.sql), but a digest that was refreshed in the future asks for no such job.
CREATE OR REPLACE FUNCTION ask_for_persona_digests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    request text := nullif(current_setting('personaworlds.request_id', true), '');
    requests jsonb := nullif(current_setting('personaworlds.request_ids', true), '');
BEGIN
    INSERT INTO jobs (job_type, persona_id, subject_date, payload, available_at, request_id, trace_id)
    SELECT 'persona_digest', a.persona_id, a.day, jsonb_build_object('persona_id', a.persona_id),
           CASE WHEN d.updated_at > now() - interval '1 minute' THEN least(d.updated_at, now()) + interval '1 minute'
                ELSE now() END,
           coalesce(requests->>a.persona_id::text, request),
           coalesce(requests->>a.persona_id::text, request)
    FROM (SELECT DISTINCT persona_id, (created_at AT TIME ZONE 'UTC')::date AS day FROM new_activity
          WHERE persona_id IS NOT NULL) a
    LEFT JOIN persona_digests d ON d.persona_id = a.persona_id AND d.date = a.day
    ORDER BY a.persona_id, a.day
    ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
        WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
        DO UPDATE SET dirty = true WHERE jobs.status = 'PROCESSING';
    RETURN NULL;
END
$$;

-- As before (030_accounts.sql), but for sessions that never end.
CREATE OR REPLACE FUNCTION revoke_tokens(ids uuid[], expire_at timestamptz[]) RETURNS void LANGUAGE sql AS $$
    WITH changed AS (UPDATE revocations_version SET version = version + 1 RETURNING version)
    INSERT INTO revocations (id, version, expires_at)
    SELECT r.id, changed.version, least(r.expires_at, timestamptz '9999-01-01 00:00:00Z') + interval '1 hour'
    FROM changed, unnest(ids, expire_at) AS r(id, expires_at)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at
$$;

-- As before (024_counted_once.sql), but no count comes to the end of its type.
CREATE OR REPLACE FUNCTION count_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := utc_day(now());
    windows bigint;
BEGIN
    INSERT INTO event_counts (event_name, day, slot, events)
    SELECT event_name, utc_day(created_at), pg_backend_pid() % 16, count(*)
    FROM new_events WHERE isfinite(created_at)
    GROUP BY 1, 2 ORDER BY 2, 1
    ON CONFLICT (day, event_name, slot) DO UPDATE SET events = counted(event_counts.events, excluded.events);

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
        SET shares = counted(battle_engagement.shares, excluded.shares),
            remixes = counted(battle_engagement.remixes, excluded.remixes);

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
    ON CONFLICT (template_id, day, slot) DO UPDATE SET posts = counted(template_usage.posts, excluded.posts);

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

-- As before (007_profiles.sql, 049_room_post_counts.sql), for the same reason.
CREATE OR REPLACE FUNCTION count_new_followers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO persona_follower_counts AS c (persona_id, part, followers)
    SELECT followed_persona_id, follower_part(follower_user_id), count(*) FROM new_follows GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (persona_id, part) DO UPDATE SET followers = counted(c.followers, excluded.followers);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_old_followers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (
             SELECT followed_persona_id AS persona_id, follower_part(follower_user_id) AS part, count(*) AS n
             FROM old_follows GROUP BY 1, 2),
         locked AS (
             SELECT persona_id, part, n FROM persona_follower_counts JOIN gone USING (persona_id, part)
             ORDER BY persona_id, part FOR UPDATE OF persona_follower_counts)
    UPDATE persona_follower_counts c SET followers = counted(c.followers, -l.n) FROM locked l
    WHERE (c.persona_id, c.part) = (l.persona_id, l.part);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_new_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_post_counts AS c (room_id, part, posts)
    SELECT p.room_id, room_post_part(p.id), count(*) FROM new_posts p JOIN rooms r ON r.id = p.room_id
    WHERE p.status = 'PUBLISHED' GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (room_id, part) DO UPDATE SET posts = counted(c.posts, excluded.posts);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_old_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_post_counts AS c (room_id, part, posts)
    SELECT p.room_id, room_post_part(p.id), -count(*) FROM old_posts p JOIN rooms r ON r.id = p.room_id
    WHERE p.status = 'PUBLISHED' GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (room_id, part) DO UPDATE SET posts = counted(c.posts, excluded.posts);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_changed_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_post_counts AS c (room_id, part, posts)
    SELECT room_id, room_post_part(NEW.id), sum(change) FROM (
        VALUES (OLD.room_id, CASE WHEN OLD.status = 'PUBLISHED' THEN -1 ELSE 0 END),
               (NEW.room_id, CASE WHEN NEW.status = 'PUBLISHED' THEN 1 ELSE 0 END)) v (room_id, change)
    GROUP BY 1 HAVING sum(change) <> 0 ORDER BY 1
    ON CONFLICT (room_id, part) DO UPDATE SET posts = counted(c.posts, excluded.posts);
    RETURN NULL;
END
$$;

-- As before (053_replies_counted.sql), for the same reason; and voices are a list.
CREATE OR REPLACE FUNCTION count_new_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM posts WHERE id IN (SELECT post_id FROM new_replies) ORDER BY id FOR NO KEY UPDATE;
    UPDATE posts p
    SET replies_count = CASE WHEN p.replies_count IS NULL THEN (SELECT count(*) FROM replies WHERE post_id = p.id)
                             ELSE least(greatest(p.replies_count + come.n, 0), 1000000000) END,
        voices = CASE WHEN p.voices IS NULL OR array_ndims(p.voices) > 1 THEN find_voices(p.id, p.persona_id)
                      ELSE (p.voices || array_remove(come.personas, p.persona_id))[1:2] END
    FROM (SELECT post_id, count(*) AS n,
                 array_agg(persona_id ORDER BY created_at, id) FILTER (WHERE persona_id IS NOT NULL) AS personas
          FROM new_replies GROUP BY post_id) come
    WHERE p.id = come.post_id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_old_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM posts WHERE id IN (SELECT post_id FROM old_replies) ORDER BY id FOR NO KEY UPDATE;
    UPDATE posts p
    SET replies_count = least(greatest(p.replies_count - gone.n, 0), 1000000000),
        voices = CASE WHEN p.voices && gone.personas THEN find_voices(p.id, p.persona_id) ELSE p.voices END
    FROM (SELECT post_id, count(*) AS n, array_agg(persona_id) AS personas FROM old_replies GROUP BY post_id) gone
    WHERE p.id = gone.post_id AND p.replies_count IS NOT NULL;
    RETURN NULL;
END
$$;

-- As before (052_more_of_answers.sql), but a job may have ended at any time.
CREATE OR REPLACE FUNCTION reply_jobs(post uuid)
RETURNS TABLE (queued bigint, running bigint, names jsonb, failed_us bigint, failed jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT count(*) FILTER (WHERE w.status = 'PENDING'), count(*) FILTER (WHERE w.status = 'PROCESSING'),
           coalesce(jsonb_agg(a.name ORDER BY w.id) FILTER (WHERE w.status IN ('PENDING', 'PROCESSING')), '[]'),
           micros_of(max(w.finished_at) FILTER (WHERE w.status = 'FAILED')),
           (array_agg(jsonb_build_array(a.name, w.error) ORDER BY w.finished_at DESC, w.id DESC)
               FILTER (WHERE w.status = 'FAILED'))[1]
    FROM jobs w LEFT JOIN personas a ON a.id = w.persona_id
    WHERE w.post_id = post AND w.job_type = 'generate_reply'
$$;

-- Values that can't be meant are refused from here on. Rows that are there stay; those that change
-- once more are put right first, as a constraint that isn't valid yet refuses their change, too.
UPDATE jobs SET attempts = greatest(attempts, 0),
                created_at = CASE WHEN isfinite(created_at) THEN created_at ELSE now() END,
                updated_at = CASE WHEN isfinite(updated_at) THEN updated_at ELSE now() END
WHERE status IN ('PENDING', 'PROCESSING')
  AND NOT (attempts >= 0 AND isfinite(created_at) AND isfinite(updated_at));

-- Counters are sums of what is elsewhere. One that counted() can't give stops those who read many.
UPDATE event_counts SET events = counted(events, 0) WHERE events <> counted(events, 0);
UPDATE battle_engagement SET shares = counted(shares, 0), remixes = counted(remixes, 0)
WHERE (shares, remixes) <> (counted(shares, 0), counted(remixes, 0));
UPDATE persona_follower_counts SET followers = counted(followers, 0) WHERE followers <> counted(followers, 0);
UPDATE room_post_counts SET posts = counted(posts, 0) WHERE posts <> counted(posts, 0);
UPDATE template_usage SET posts = counted(posts, 0) WHERE posts <> counted(posts, 0);

-- In the order in which triggers go through them, as whoever approves a post holds one table and
-- waits for the next; and behind all that reads whole tables, as nobody takes a job meanwhile.
ALTER TABLE room_post_counts
    ADD CONSTRAINT room_post_counts_range CHECK (posts BETWEEN -2000000000000000 AND 2000000000000000) NOT VALID;
ALTER TABLE template_usage
    ADD CONSTRAINT template_usage_range CHECK (posts BETWEEN -2000000000000000 AND 2000000000000000) NOT VALID;
ALTER TABLE persona_follower_counts
    ADD CONSTRAINT persona_follower_counts_range
        CHECK (followers BETWEEN -2000000000000000 AND 2000000000000000) NOT VALID;
ALTER TABLE jobs
    ADD CONSTRAINT jobs_attempts_range CHECK (attempts >= 0) NOT VALID,
    ADD CONSTRAINT jobs_times_finite CHECK (isfinite(created_at) AND isfinite(updated_at)) NOT VALID;
ALTER TABLE event_counts
    ADD CONSTRAINT event_counts_range CHECK (events BETWEEN -2000000000000000 AND 2000000000000000) NOT VALID;
ALTER TABLE battle_engagement
    ADD CONSTRAINT battle_engagement_range
        CHECK (shares BETWEEN -2000000000000000 AND 2000000000000000
               AND remixes BETWEEN -2000000000000000 AND 2000000000000000) NOT VALID;

UPDATE model_budgets SET taken = least(greatest(taken, 0), 1000000000000000),
                         used = least(greatest(used, 0), 1000000000000000),
                         calls = least(greatest(calls, 0), 1000000000000000),
                         granted = least(greatest(granted, 0), 1000000000000000),
                         changed_at = CASE WHEN isfinite(changed_at) THEN changed_at ELSE now() END;
ALTER TABLE model_budgets
    ADD CONSTRAINT model_budgets_counts_range CHECK (
        taken BETWEEN 0 AND 2000000000000000 AND used BETWEEN 0 AND 2000000000000000
        AND calls BETWEEN 0 AND 2000000000000000 AND granted BETWEEN 0 AND 2000000000000000) NOT VALID,
    ADD CONSTRAINT model_budgets_changed_at_finite CHECK (isfinite(changed_at)) NOT VALID;

ALTER TABLE blocked_addresses_version
    ADD CONSTRAINT blocked_addresses_version_range CHECK (version BETWEEN 0 AND 1000000000000000000) NOT VALID;
ALTER TABLE revocations_version
    ADD CONSTRAINT revocations_version_range CHECK (version BETWEEN 0 AND 1000000000000000000) NOT VALID;
