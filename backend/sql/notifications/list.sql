-- A page of the caller's notifications, newest first.
-- $1 uuid caller   $2 int limit
-- $3 bigint, $4 bigint cursor: microseconds since 1970 and id of the last one seen, or null
-- 200 Notifications | 401 invalid token
-- The ids of the newest come from the index alone: with whole rows the planner may sort all
-- notifications of the user.

-- include verdicts/caller

-- notifications[]: page of $2 by created_at, id
WITH cursor AS (
         SELECT CASE WHEN $3::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($4::bigint, 9223372036854775807) AS id),
     newest AS (
         SELECT id, created_at FROM notifications
         WHERE user_id = $1::uuid AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
         ORDER BY created_at DESC, id DESC LIMIT $2::int + 1)
SELECT id, actor_user_id, type, title, body, jsonb_strip_nulls(metadata) AS metadata, read_at, created_at
FROM newest JOIN notifications USING (id, created_at)
ORDER BY created_at DESC, id DESC

-- .
SELECT count(*) AS unread_count FROM notifications WHERE user_id = $1::uuid AND read_at IS NULL
