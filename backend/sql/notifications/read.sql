-- Marks a notification of the caller's as read; one that was read already keeps its time.
-- writes
-- $1 uuid caller   $2 bigint notification
-- 200 NotificationRead | 401 invalid token
-- A change isn't seen by its own statement: the others are counted.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     own AS (SELECT id FROM notifications WHERE id = $2::bigint AND user_id = (SELECT id FROM caller)),
     marked AS (UPDATE notifications SET read_at = now() WHERE id = (SELECT id FROM own) AND read_at IS NULL),
     answer AS (
         SELECT EXISTS (SELECT FROM own) AS updated,
                (SELECT count(*) FROM notifications
                 WHERE user_id = $1::uuid AND read_at IS NULL AND id <> $2::bigint) AS unread_count)
SELECT CASE WHEN caller.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN caller.id IS NULL THEN 'invalid token' ELSE row_to_json(answer)::text END AS body
FROM answer LEFT JOIN caller ON true
