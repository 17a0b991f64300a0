-- The caller's newest notifications.
-- $1 uuid caller   $2 int limit
-- 200 Notifications | 401 invalid token
-- The ids of the newest come from the index alone: with whole rows the planner may sort all
-- notifications of the user.

-- include verdicts/caller

-- notifications[]
SELECT id, actor_user_id, type, title, body, jsonb_strip_nulls(metadata) AS metadata, read_at, created_at
FROM (SELECT id FROM notifications WHERE user_id = $1::uuid ORDER BY created_at DESC, id DESC LIMIT $2::int) newest
JOIN notifications USING (id)
ORDER BY created_at DESC, id DESC

-- .
SELECT count(*) AS unread_count FROM notifications WHERE user_id = $1::uuid AND read_at IS NULL
