-- Marks all of the caller's notifications as read.
-- writes
-- $1 uuid caller
-- 200 NotificationsRead | 401 invalid token
-- Locks the rows in the order of their ids: two of these at a time can't lock each other out.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     unread AS (
         SELECT id, created_at FROM notifications WHERE user_id = (SELECT id FROM caller) AND read_at IS NULL
         ORDER BY id FOR NO KEY UPDATE),
     marked AS (
         UPDATE notifications SET read_at = now()
         WHERE id = ANY (ARRAY(SELECT id FROM unread)) AND created_at = ANY (ARRAY(SELECT created_at FROM unread))
         RETURNING id),
     answer AS (SELECT count(*) AS updated, 0 AS unread_count FROM marked)
SELECT CASE WHEN caller.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN caller.id IS NULL THEN 'invalid token' ELSE row_to_json(answer)::text END AS body
FROM answer LEFT JOIN caller ON true
