-- Marks these notifications of the caller's as read; those that were read already keep their time.
-- writes
-- $1 uuid caller   $2 bigint[] notifications
-- 200 NotificationsMarked | 401 invalid token
-- Locks the rows in the order of their ids, as read_all does. A change isn't seen by its own
-- statement: the others are counted.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     unread AS (
         SELECT id, created_at FROM notifications
         WHERE user_id = (SELECT id FROM caller) AND id = ANY ($2::bigint[]) AND read_at IS NULL
         ORDER BY id FOR NO KEY UPDATE),
     marked AS (
         UPDATE notifications SET read_at = now()
         WHERE id = ANY (ARRAY(SELECT id FROM unread)) AND created_at = ANY (ARRAY(SELECT created_at FROM unread))
         RETURNING id),
     answer AS (
         SELECT (SELECT count(*) FROM marked) AS updated,
                (SELECT count(*) FROM notifications
                 WHERE user_id = $1::uuid AND read_at IS NULL AND id <> ALL ($2::bigint[])) AS unread_count)
SELECT CASE WHEN caller.id IS NULL THEN 401 ELSE 200 END AS status,
       CASE WHEN caller.id IS NULL THEN 'invalid token' ELSE row_to_json(answer)::text END AS body
FROM answer LEFT JOIN caller ON true
