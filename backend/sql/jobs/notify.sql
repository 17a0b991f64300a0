-- Wakes every listener of a channel.
-- writes
-- $1 text channel
-- A notification takes a global lock at commit, so it is never part of another transaction. The
-- commit doesn't wait for the disk: the poll makes up for a notification that a crash loses.
SELECT set_config('synchronous_commit', 'off', true), pg_notify($1::text, '')
