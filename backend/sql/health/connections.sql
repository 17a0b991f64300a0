-- How many of the server's connections are taken, those of other databases among them.
-- One row: taken bigint, most bigint (for roles that are no superusers)
-- pg_stat_database counts for every role; of pg_stat_activity most see their own sessions alone.
SELECT coalesce(sum(numbackends), 0) AS taken,
       current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
       - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::bigint AS most
FROM pg_stat_database
