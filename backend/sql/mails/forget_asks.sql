-- Deletes a batch of counts of mails whose time is over: it is a day at most.
-- writes
-- $1 int counts at most
-- One row: the number of counts.
WITH old AS MATERIALIZED (
         SELECT bucket FROM mail_asks WHERE began_at < now() - interval '1 day' ORDER BY began_at LIMIT $1::int
         FOR UPDATE SKIP LOCKED),
     deleted AS (DELETE FROM mail_asks WHERE bucket IN (SELECT bucket FROM old) RETURNING bucket)
SELECT count(*)::int AS deleted FROM deleted
