-- The caller's newest notifications.
-- $1 uuid caller   $2 int limit
-- 200 Notifications | 401 invalid token
-- The ids of the newest come from the index alone: with whole rows the planner may sort all
-- notifications of the user.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     newest AS (
         SELECT id FROM notifications WHERE user_id = (SELECT id FROM caller)
         ORDER BY created_at DESC, id DESC LIMIT $2::int),
     answer AS (
         SELECT coalesce(json_agg(notification_json(n) ORDER BY n.created_at DESC, n.id DESC), '[]') AS notifications,
                (SELECT count(*) FROM notifications
                 WHERE user_id = (SELECT id FROM caller) AND read_at IS NULL) AS unread_count
         FROM newest JOIN notifications n USING (id))
SELECT CASE WHEN caller.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN caller.id IS NULL THEN 'invalid token' ELSE row_to_json(answer)::text END AS body
FROM answer LEFT JOIN caller ON true
