-- Statements of this database that have run more than a second, and transactions that have been
-- idle for more than ten.
-- Rows: pid int, seconds double precision, state text, wait text, statement text: the beginning,
--       without literals, since they may be a user's words
SELECT pid, extract(epoch FROM clock_timestamp() - since)::double precision AS seconds, state,
       coalesce(wait_event_type || ' ' || wait_event, '') AS wait,
       left(regexp_replace(regexp_replace(query, '''[^'']*(''|$)', '?', 'g'), '\s+', ' ', 'g'), 60) AS statement
FROM pg_stat_activity
CROSS JOIN LATERAL (SELECT CASE WHEN state = 'active' THEN query_start ELSE state_change END AS since) s
WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
  AND since < clock_timestamp() - CASE WHEN state = 'active' THEN interval '1 second' ELSE interval '10 seconds' END
  AND (state = 'active' OR state LIKE 'idle in transaction%')
ORDER BY seconds DESC LIMIT 5
