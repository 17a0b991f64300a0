-- The brief of the model for personas' digests of a UTC day, and the counts to store with them.
-- $1 bigint[] jobs   $2 uuid[] personas   $3 date[] days
-- Rows: job bigint, status int, body text, stats text: JSON {posts, replies, top_threads}
-- 200 brief {persona, activity} | 400 day is missing, or not yet there | 404 persona not found
-- 413 brief is longer than 4 MB
-- A thread is the post_id of a thread_participated activity. Metadata is free JSON: an activity
-- whose metadata has no UUID there counts for no thread.
SELECT g.job_id AS job, CASE WHEN size.is_too_long THEN 413 ELSE found.status END AS status,
       CASE WHEN size.is_too_long THEN 'brief is longer than 4 MB' ELSE found.body END AS body, found.stats
FROM (SELECT job_id, persona_id,
             CASE WHEN day BETWEEN '0001-01-01' AND (now() AT TIME ZONE 'UTC')::date + 1 THEN day END AS day
      FROM unnest($1::bigint[], $2::uuid[], $3::date[]) AS given(job_id, persona_id, day)) g
CROSS JOIN LATERAL (
    WITH persona AS (SELECT persona_brief(p) AS brief FROM personas p WHERE id = g.persona_id),
         activity AS (
             SELECT type, metadata, created_at FROM persona_activity_events
             WHERE persona_id = g.persona_id AND created_at >= g.day::timestamp AT TIME ZONE 'UTC'
               AND created_at < (g.day + 1)::timestamp AT TIME ZONE 'UTC'),
         top AS (
             SELECT try_uuid(metadata->>'post_id') AS post_id, count(*) AS activity_count,
                    max(created_at) AS last_activity_at, (array_agg(metadata ORDER BY created_at DESC))[1] AS newest
             FROM activity WHERE type = 'thread_participated' AND try_uuid(metadata->>'post_id') IS NOT NULL
             GROUP BY 1 ORDER BY activity_count DESC, last_activity_at DESC, 1 LIMIT 3),
         threads AS (
             SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                        'post_id', t.post_id, 'room_id', r.id, 'room_name', r.name,
                        'post_preview', preview(coalesce(nullif(t.newest->>'post_preview', ''), p.content, '')),
                        'activity_count', t.activity_count, 'last_activity_at', utc(t.last_activity_at)))
                        ORDER BY t.activity_count DESC, t.last_activity_at DESC, t.post_id), '[]') AS list
             FROM top t
             LEFT JOIN posts p ON p.id = t.post_id
             LEFT JOIN rooms r ON r.id = coalesce(p.room_id, try_uuid(t.newest->>'room_id'))),
         counts AS (
             SELECT count(*) FILTER (WHERE type = 'post_created') AS posts,
                    count(*) FILTER (WHERE type = 'reply_generated') AS replies
             FROM activity)
    SELECT 200 AS status,
           json_build_object('persona', brief, 'activity',
               json_build_object('date', g.day, 'posts', posts, 'replies', replies, 'top_threads', list))::text AS body,
           json_build_object('posts', posts, 'replies', replies, 'top_threads', list)::text AS stats
    FROM persona, counts, threads WHERE g.day IS NOT NULL
    UNION ALL
    SELECT 400, 'day is missing, or not yet there', NULL FROM persona WHERE g.day IS NULL
    UNION ALL
    SELECT 404, 'persona not found', NULL WHERE NOT EXISTS (SELECT FROM persona)) found
CROSS JOIN LATERAL (SELECT octet_length(found.body) > 4000000 AS is_too_long) size
