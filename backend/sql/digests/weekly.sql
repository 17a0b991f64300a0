-- The caller's weekly digest: this week's, else the latest one, else an empty one.
-- $1 uuid caller
-- 200 WeeklyDigestOrNone | 401 invalid token
-- Weeks begin on Monday, UTC. At most 3 items are shown; rows written by hand break nothing.

-- include verdicts/caller

-- .
SELECT coalesce(d.week_start, week.start) AS "digest.week_start",
       coalesce(d.updated_at, now()) AS "digest.generated_at",
       coalesce(jsonb_path_query_array(jsonb_path_query_array(d.items, 'strict $[*] ? (@.type() == "object")', '{}',
                                                              true), '$[0 to 2]'), '[]') AS "digest.items",
       d.week_start IS NOT NULL AS exists, coalesce(d.week_start = week.start, false) AS is_current_week
FROM (SELECT date_trunc('week', now() AT TIME ZONE 'UTC')::date AS start) week
LEFT JOIN LATERAL (
    SELECT week_start, updated_at, items FROM weekly_digests
    WHERE user_id = $1::uuid AND week_start <= week.start ORDER BY week_start DESC LIMIT 1) d ON true
