-- no transaction
-- Posts without a topic of the present rule (topic_rule() is 1): empty but for the time after the
-- rule changed. Built beside the work on a big table. Interrupted, it leaves an invalid index that
-- the next try finds in its way: DROP INDEX posts_without_topic.
CREATE INDEX CONCURRENTLY posts_without_topic ON posts (id) WHERE topic_rule IS DISTINCT FROM 1::smallint;
