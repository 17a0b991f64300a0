-- Tells every API process what was written, for those who watch it.
-- writes
-- $1 text[] payloads: service/live_tell.h
-- A notification takes a global lock at commit, so it is never part of another transaction. The
-- commit doesn't wait for the disk: the sweep makes up for a notification that a crash loses.
SELECT set_config('synchronous_commit', 'off', true), pg_notify('pw_live', payload) FROM unnest($1::text[]) payload
