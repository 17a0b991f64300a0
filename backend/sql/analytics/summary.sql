-- Counts events: exactly in the last 24 hours, and in the last 7 UTC days.
-- $1 uuid caller
-- $2 text ADMIN_EMAILS, or null: where nobody was granted anything, everybody is an administrator
-- $3 text[] all event names
-- 200 AnalyticsSummary | 401 invalid token | 403 not allowed
-- The events of 24 hours are counted in an index, name by name; the days are sums of event_counts.
-- Nothing is counted for a caller who isn't allowed.

-- verdict
SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 403 END, CASE WHEN u.id IS NULL THEN 'invalid token' ELSE 'not allowed' END
FROM (VALUES (1)) one LEFT JOIN users u ON u.id = $1::uuid
WHERE u.id IS NULL OR NOT is_administrator(u.id, $2::text)

-- .
WITH caller AS (SELECT FROM users WHERE id = $1::uuid AND is_administrator(id, $2::text)),
     counted AS (
         SELECT event_name, place,
                (SELECT count(*) FROM events e
                 WHERE e.event_name = name.event_name AND e.created_at > now() - interval '24 hours'
                    AND e.created_at <= now()) AS of_day,
                (SELECT coalesce(sum(c.events), 0)::bigint FROM event_counts c WHERE c.event_name = name.event_name
                    AND c.day BETWEEN utc_day(now()) - 6 AND utc_day(now())) AS of_week
         FROM unnest($3::text[]) WITH ORDINALITY AS name(event_name, place) WHERE EXISTS (SELECT FROM caller)),
     week AS (SELECT json_object_agg(event_name, of_week)::jsonb AS n FROM counted)
SELECT now() AS generated_at,
       (SELECT json_object_agg(event_name, of_day ORDER BY place) FROM counted) AS last_24h,
       (SELECT json_object_agg(event_name, of_week ORDER BY place) FROM counted) AS last_7d,
       n->'battle_shared' AS "funnel_7d.share", n->'public_profile_viewed' AS "funnel_7d.view",
       n->'signup_from_share' AS "funnel_7d.signup", n->'persona_created' AS "funnel_7d.persona",
       n->'battle_created' AS "funnel_7d.battle",
       n->'public_battle_viewed' AS "remix_funnel_7d.public_views",
       n->'remix_clicked' AS "remix_funnel_7d.remix_clicked",
       n->'remix_started' AS "remix_funnel_7d.remix_started",
       n->'remix_completed' AS "remix_funnel_7d.remix_completed",
       n->'daily_return' AS "retention_7d.daily_return",
       n->'notification_clicked' AS "retention_7d.notification_clicked",
       n->'template_used_from_feed' AS "retention_7d.template_used_from_feed"
FROM week
