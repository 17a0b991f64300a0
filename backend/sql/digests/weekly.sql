-- The caller's weekly digest: this week's, else the latest one, else an empty one.
-- $1 uuid caller
-- 200 WeeklyDigestOrNone | 401 invalid token
-- Weeks begin on Monday, UTC. At most 3 items are shown; rows written by hand break nothing.
WITH week AS (SELECT date_trunc('week', now() AT TIME ZONE 'UTC')::date AS start),
     found AS (
         SELECT week_start, updated_at, items FROM weekly_digests
         WHERE user_id = $1::uuid AND week_start <= (SELECT start FROM week)
         ORDER BY week_start DESC LIMIT 1)
SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN u.id IS NULL THEN 'invalid token'
            ELSE json_build_object(
                'digest', json_build_object('week_start', coalesce(found.week_start, week.start),
                    'generated_at', utc(coalesce(found.updated_at, now())),
                    'items', (SELECT coalesce(json_agg(item ORDER BY place), '[]')
                              FROM (SELECT item, place
                                    FROM jsonb_array_elements(
                                             CASE WHEN jsonb_typeof(items) = 'array' THEN items ELSE '[]' END)
                                         WITH ORDINALITY AS listed(item, place)
                                    WHERE jsonb_typeof(item) = 'object' ORDER BY place LIMIT 3) first)),
                'exists', found.week_start IS NOT NULL,
                'is_current_week', coalesce(found.week_start = week.start, false))::text END AS body
FROM week LEFT JOIN found ON true LEFT JOIN users u ON u.id = $1::uuid
