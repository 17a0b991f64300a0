-- Counts events: exactly in the last 24 hours, and in the last 7 UTC days.
-- $1 uuid caller   $2 text e-mail addresses of the administrators, separated by commas; null:
-- everybody is an administrator   $3 text[] all event names
-- 200 AnalyticsSummary | 401 invalid token | 403 not allowed
-- The events of 24 hours are counted in an index, name by name; the days are sums of event_counts.
WITH caller AS (SELECT id, email FROM users WHERE id = $1::uuid),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 403, 'not allowed' FROM caller
         WHERE lower(email) <> ALL (regexp_split_to_array(lower($2::text), '[\s,]+'))
         UNION ALL SELECT 200, NULL
         LIMIT 1),
     name(event_name, place) AS (SELECT * FROM unnest($3::text[]) WITH ORDINALITY),
     counted AS (
         SELECT event_name, place,
                (SELECT count(*) FROM events e
                 WHERE e.event_name = name.event_name AND e.created_at > now() - interval '24 hours'
                    AND e.created_at <= now()) AS of_day,
                (SELECT coalesce(sum(c.events), 0) FROM event_counts c WHERE c.event_name = name.event_name
                    AND c.day BETWEEN utc_day(now()) - 6 AND utc_day(now())) AS of_week
         FROM name WHERE (SELECT status FROM verdict) = 200),
     week AS (SELECT json_object_agg(event_name, of_week)::jsonb AS n FROM counted),
     answer AS (
         SELECT json_build_object('generated_at', utc(now()),
             'last_24h', (SELECT json_object_agg(event_name, of_day ORDER BY place) FROM counted),
             'last_7d', (SELECT json_object_agg(event_name, of_week ORDER BY place) FROM counted),
             'funnel_7d', json_build_object('share', n->'battle_shared', 'view', n->'public_profile_viewed',
                                            'signup', n->'signup_from_share',
                 'persona', n->'persona_created', 'battle', n->'battle_created'),
             'remix_funnel_7d', json_build_object('public_views', n->'public_battle_viewed',
                                                  'remix_clicked', n->'remix_clicked',
                 'remix_started', n->'remix_started', 'remix_completed', n->'remix_completed'),
             'retention_7d', json_build_object('daily_return', n->'daily_return',
                                               'notification_clicked', n->'notification_clicked',
                 'template_used_from_feed', n->'template_used_from_feed')) AS body
         FROM week)
SELECT status, CASE WHEN status = 200 THEN (SELECT body::text FROM answer) ELSE error END AS body FROM verdict
