-- Wakes whoever listens to the channel. A notification takes a global lock at commit: never part of another transaction.
-- $1 text channel
SELECT pg_notify($1::text, '')
