-- What users whose streams are open may have to be told.
-- $1 uuid[] users, without a repetition   $2 bigint[] for each: µs since 1970, from when
-- notifications and digests are looked for   $3 bigint[] notifications of that time that were told
-- of already
-- Rows: a row for each notification, at most 50 of a user, the oldest first, or one without:
--       user_id uuid, is_there boolean, now_us bigint, unread_count bigint, weekly_us bigint of
--       the newest weekly digest, digests text ('<persona> <µs>' for each digest of an own persona
--       that was stored since, by commas), notification bigint, notification_us bigint,
--       notification_json text
SELECT g.id AS user_id, u.id IS NOT NULL AS is_there,
       (extract(epoch FROM statement_timestamp()) * 1000000)::bigint AS now_us, unread.count AS unread_count,
       (SELECT micros_of(updated_at) FROM weekly_digests
        WHERE user_id = u.id ORDER BY week_start DESC LIMIT 1) AS weekly_us,
       (SELECT string_agg(d.persona_id || ' ' || micros_of(d.updated_at), ',')
        FROM personas a
        JOIN persona_digests d ON d.persona_id = a.id AND d.date >= (statement_timestamp() AT TIME ZONE 'UTC')::date - 1
         AND d.updated_at >= g.since
        WHERE a.user_id = u.id) AS digests,
       n.id AS notification, n.us AS notification_us, n.json AS notification_json
FROM (SELECT id, timestamptz 'epoch' + since_us * interval '1 microsecond' AS since, place
      FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS given(id, since_us, place)) g
LEFT JOIN users u ON u.id = g.id
CROSS JOIN LATERAL (SELECT count(*) FROM notifications WHERE user_id = g.id AND read_at IS NULL) unread
LEFT JOIN LATERAL (
    SELECT one.id, micros_of(one.created_at) AS us, notification_json(one)::text AS json
    FROM notifications one
    WHERE one.user_id = u.id AND one.created_at >= g.since AND one.id <> ALL ($3::bigint[])
    ORDER BY one.created_at, one.id LIMIT 50
    ) n ON true
ORDER BY g.place, n.us, n.id
