-- What every process looks at a few times a second: the levers that are set and those that ended
-- within the last minute, the model's tokens of the day, and whether anything else has changed.
-- Rows: one for each lever, or one without a lever:
--       blocks_version bigint (different after each change of blocked_addresses),
--       revocations_version bigint (the same for revocations),
--       account_deletions boolean (accounts are being deleted: the worker has work),
--       worker_missing boolean (a worker's lock is free: workers/vanished has work),
--       budget_day int since 1970 (UTC), budget_taken bigint, budget_used bigint,
--       budget_calls bigint, budget_quiet_ms bigint since the day's row changed,
--       day_ends_in_ms bigint,
--       key text, value text, version bigint (different after each change), expires_in_ms bigint
--       (null: never; 0: expired), expires_at text (RFC 3339)
-- Locks are looked at, not tried: this is a read, which waits for nobody.
SELECT now.blocks_version, now.revocations_version, now.account_deletions, now.worker_missing,
       today.day - date '1970-01-01' AS budget_day, coalesce(b.taken, 0) AS budget_taken,
       coalesce(b.used, 0) AS budget_used, coalesce(b.calls, 0) AS budget_calls,
       coalesce(age_in_hours(b.changed_at) * 3600000, 0)::bigint AS budget_quiet_ms,
       ms_until((today.day + 1)::timestamp AT TIME ZONE 'UTC') AS day_ends_in_ms,
       s.key, left(s.value, 128) AS value, s.xmin::text::bigint AS version,
       ms_until(s.expires_at) AS expires_in_ms,
       to_char(s.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at
FROM (SELECT (SELECT version FROM blocked_addresses_version) AS blocks_version,
             (SELECT version FROM revocations_version) AS revocations_version,
             EXISTS (SELECT FROM account_deletions) AS account_deletions,
             EXISTS (
                 SELECT FROM workers w
                 WHERE NOT EXISTS (
                     SELECT FROM pg_locks l
                     WHERE l.locktype = 'advisory' AND l.granted
                       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                       AND l.classid = worker_lock()::oid AND l.objid = w.id::oid)) AS worker_missing) now
CROSS JOIN (SELECT (statement_timestamp() AT TIME ZONE 'UTC')::date AS day) today
LEFT JOIN model_budgets b ON b.day = today.day
LEFT JOIN settings s ON s.expires_at IS NULL OR s.expires_at > statement_timestamp() - interval '1 minute'
ORDER BY s.key LIMIT 1000
