-- Who holds the server's connections, most first.
-- Rows: application text, state text, connections bigint, idle_seconds double precision: of the one
--       that has been as it is for the longest
SELECT coalesce(nullif(left(application_name, 40), ''), 'without a name') AS application,
       coalesce(state, 'hidden') AS state, count(*) AS connections,
       coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)::double precision AS idle_seconds
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 6
