-- Connections of all databases by state, and how many there may be.
-- Rows: state text (active, idle, idle in transaction, ...; hidden: of sessions that the role may
--       not see), connections bigint, max_connections int, reserved int: of those, for superusers
--       and for roles that may use kept ones
SELECT coalesce(state, 'hidden') AS state, count(*) AS connections,
       current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
GROUP BY 1 ORDER BY 2 DESC
