-- Wakes whoever listens to the channel. A notification takes a global lock at commit: never part of another transaction.
-- writes
-- $1 text channel
-- Its commit doesn't wait for the disk: a notification that a crash loses is made up for by the poll.
SELECT set_config('synchronous_commit', 'off', true), pg_notify($1::text, '')
