-- Users' three best unseen battles of seven days, each with one sentence about it.
-- writes
-- $1 bigint[] jobs   $2 uuid[] users   $3 date[] the weeks' Mondays
-- Rows: job bigint, status int, body text, is_degraded boolean: counts stand in for summaries
-- 200 [{battle_id, room_id, room_name, topic, summary, score, created_at}]
-- 202 summaries are being made: ask again in a moment
-- 204 the job is of another week: nothing is to be done
-- 404 user not found
-- A sentence comes from the thread's summary, which may be stale. A missing summary is asked for;
-- the digest waits for it while the summary's job is younger than 30 s and has not failed, and the
-- digest's own job was first handed back less than a minute ago: where much is posted, each look
-- finds a new battle.
-- Three indexes give at most 73 candidates, however many posts there are:
-- - 3 newest posts: a post without shares can't be among the best three if three newer ones aren't;
-- - 20 newest posts of followed personas, 3 of each: the same holds among them;
-- - 50 engaged battles in the order of battle_engagement_weekly. That order lacks the hours left of
--   the day and the 6 points of a followed author, so one of the best can be missing only if 48
--   battles that are no better stand before it.
-- The last 10,000 events of a user say what the user has seen; of views only those that the server
-- saw itself.
WITH given AS MATERIALIZED (
         SELECT job_id, week, (SELECT u.id FROM users u WHERE u.id = g.id) AS user_id,
                NOT EXISTS (SELECT FROM jobs j WHERE j.id = job_id AND number_in(j.payload, 'handed_back_at')
                                BETWEEN 1 AND extract(epoch FROM now()) - 60) AS may_wait
         FROM unnest($1::bigint[], $2::uuid[], $3::date[]) g(job_id, id, week)),
     best AS MATERIALIZED (
         SELECT g.job_id, g.user_id, b.* FROM given g CROSS JOIN LATERAL (
             WITH seen AS MATERIALIZED (
                      SELECT DISTINCT battle_of(metadata) AS id
                      FROM (SELECT * FROM events WHERE user_id = g.user_id
                              AND created_at BETWEEN now() - interval '14 days' AND now()
                            ORDER BY created_at DESC LIMIT 10000) recent
                      WHERE event_name IN ('public_battle_viewed', 'battle_shared', 'remix_started', 'remix_completed',
                                           'notification_clicked')
                        AND (event_name <> 'public_battle_viewed' OR client IS NULL)
                        AND battle_of(metadata) IS NOT NULL),
                  candidate AS (
                      (SELECT p.id FROM battle_engagement e JOIN posts p ON p.id = e.battle_id
                       WHERE e.day = utc_day(now()) AND e.day <= utc_day(e.posted_at) + 7 AND p.status = 'PUBLISHED'
                         AND p.created_at > now() - interval '7 days' AND p.user_id <> g.user_id
                         AND p.id NOT IN (TABLE seen)
                       ORDER BY weekly_rank(e.day, e.posted_at, e.shares, e.remixes) DESC LIMIT 50)
                      UNION
                      (SELECT id FROM posts
                       WHERE status = 'PUBLISHED' AND created_at > now() - interval '7 days'
                         AND user_id <> g.user_id AND id NOT IN (TABLE seen)
                       ORDER BY created_at DESC, id DESC LIMIT 3)
                      UNION
                      (SELECT p.id FROM persona_follows f CROSS JOIN LATERAL (
                           SELECT id, created_at FROM posts
                           WHERE persona_id = f.followed_persona_id AND status = 'PUBLISHED'
                             AND created_at > now() - interval '7 days'
                             AND user_id <> g.user_id AND id NOT IN (TABLE seen)
                           ORDER BY created_at DESC, id DESC LIMIT 3) p
                       WHERE f.follower_user_id = g.user_id ORDER BY p.created_at DESC, p.id DESC LIMIT 20))
             SELECT p.id, p.room_id, p.content, p.created_at, coalesce(shares, 0) AS shares,
                    coalesce(remixes, 0) AS remixes,
                    2 * coalesce(shares, 0) + 3 * coalesce(remixes, 0) + greatest(96 - age_in_hours(p.created_at), 0)
                    + CASE WHEN EXISTS (SELECT FROM persona_follows
                                        WHERE follower_user_id = g.user_id AND followed_persona_id = p.persona_id)
                           THEN 6 ELSE 0 END AS score
             FROM candidate JOIN posts p USING (id)
             LEFT JOIN battle_engagement e ON e.battle_id = p.id AND e.day = utc_day(now())
             ORDER BY score DESC, p.created_at DESC, p.id DESC LIMIT 3) b
         WHERE g.user_id IS NOT NULL AND g.week = this_monday()),
     summarized AS MATERIALIZED (
         SELECT best.*, s.summary, s.post_id IS NULL AS is_missing, j.is_asked,
                coalesce(j.has_failed, false) AS has_failed
         FROM best LEFT JOIN thread_summaries s ON s.post_id = best.id CROSS JOIN LATERAL (
             SELECT count(*) FILTER (WHERE status IN ('PENDING', 'PROCESSING')) > 0 AS is_asked,
                    bool_or(CASE status
                        WHEN 'FAILED' THEN finished_at > now() - interval '1 minute'
                        WHEN 'DONE' THEN false
                        ELSE created_at <= now() - interval '30 seconds' OR status = 'PENDING' AND attempts > 0
                        END) AS has_failed
             FROM jobs WHERE post_id = best.id AND job_type = 'summarize_thread') j),
     asked AS (
         INSERT INTO jobs (job_type, post_id, payload)
         SELECT DISTINCT 'summarize_thread', id, jsonb_build_object('post_id', id)
         FROM summarized WHERE is_missing AND NOT is_asked AND NOT has_failed ORDER BY id ON CONFLICT DO NOTHING),
     digest AS (
         SELECT job_id, bool_or(is_missing AND NOT has_failed) AS is_early, bool_or(is_missing) AS is_degraded,
                json_agg(json_build_object(
                    'battle_id', t.id, 'room_id', room_id, 'room_name', r.name,
                    'topic', battle_topic_within(content, r.name, 140, 140),
                    'summary', coalesce(first_sentence(summary, 220), battle_counts(
                        (SELECT preferred_language FROM personas p WHERE p.user_id = t.user_id
                         ORDER BY p.created_at, p.id LIMIT 1),
                        (SELECT count(*) FROM replies WHERE post_id = t.id), shares, remixes)),
                    'score', round(score, 2), 'created_at', utc(t.created_at))
                    ORDER BY score DESC, t.created_at DESC, t.id DESC) AS items
         FROM summarized t JOIN rooms r ON r.id = t.room_id GROUP BY job_id)
SELECT g.job_id AS job,
       CASE WHEN user_id IS NULL THEN 404 WHEN g.week IS DISTINCT FROM this_monday() THEN 204
            WHEN is_early AND may_wait THEN 202 ELSE 200 END AS status,
       CASE WHEN user_id IS NULL THEN 'user not found' ELSE coalesce(items::text, '[]') END AS body,
       coalesce(is_degraded, false) AS is_degraded
FROM given g LEFT JOIN digest d ON d.job_id = g.job_id
