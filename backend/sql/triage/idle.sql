-- Transactions of this database in which nothing has happened for a minute. While one is open
-- nothing that was deleted since can be cleared away, and its locks stay.
-- Rows: pid int, seconds double precision: since it began, application text, statement text: the
--       last one's beginning, without literals
SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::double precision AS seconds,
       coalesce(nullif(left(application_name, 40), ''), 'without a name') AS application,
       left(regexp_replace(regexp_replace(query, '''[^'']*(''|$)', '?', 'g'), '\s+', ' ', 'g'), 60) AS statement
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname = current_database() AND state LIKE 'idle in transaction%'
  AND state_change < clock_timestamp() - interval '1 minute'
ORDER BY seconds DESC LIMIT 8
