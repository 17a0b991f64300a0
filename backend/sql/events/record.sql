-- Writes a batch of events.
-- writes
-- $1 json [{event_name, user_id?, client?, metadata}]
-- One row: the number of events written.
-- The event of a user who is deleted, or whose row is locked for deletion at this moment, is stored
-- without a user: one event must neither fail nor delay the batch. The rows of the other users are
-- locked against deletion, as a foreign key would lock them.
WITH listed AS (
         SELECT *
         FROM ROWS FROM (json_to_recordset($1::json) AS (event_name text, user_id uuid, client uuid,
                                                            metadata jsonb)) WITH ORDINALITY
             AS e(event_name, user_id, client, metadata, place)),
     present AS (SELECT id FROM users WHERE id IN (SELECT user_id FROM listed) ORDER BY id FOR KEY SHARE SKIP LOCKED),
     written AS (
         INSERT INTO events (user_id, event_name, metadata, client)
         SELECT present.id, event_name, metadata, client FROM listed LEFT JOIN present ON present.id = listed.user_id
         ORDER BY place
         RETURNING id)
SELECT count(*) FROM written
