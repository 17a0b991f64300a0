-- Stores the topics of posts that have none of the present rule: after an update, and where the
-- rule changed.
-- writes
-- $1 int posts at most
-- One row: the number of posts.
-- Posts that others are changing wait for the next time.
WITH without AS (
         SELECT id FROM posts WHERE topic_rule IS DISTINCT FROM topic_rule() LIMIT $1::int
         FOR NO KEY UPDATE SKIP LOCKED),
     stored AS (
         UPDATE posts p SET topic = battle_topic(content, NULL), topic_rule = topic_rule()
         FROM without WHERE p.id = without.id
         RETURNING p.id)
SELECT count(*) FROM stored
