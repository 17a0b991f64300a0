-- The server's standbys, and who waits for one.
-- One row: waiting bigint: commits that have waited over a second for a standby, waiting_seconds
--       double precision: the longest of them, wanted text: which standbys commits wait for
--       (synchronous_standby_names; '': none), standbys text: those that are connected, with their
--       state, null: none is, is_covered bool: one of them is waited for, or none has to be,
--       left text: slots of standbys that are away, with the log kept for each, null: none,
--       behind text: the standby that is furthest behind, null: none is there, behind_seconds
--       double precision, behind_bytes bigint: of the log that isn't applied, of any
-- A standby that is frozen says nothing more, so the time since it last spoke counts, too. Of one
-- whose replay is stuck the bytes tell.
WITH here AS (
         SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS written),
     standbys AS (
         SELECT coalesce(nullif(left(application_name, 40), ''), 'without a name') AS name, state, sync_state,
                coalesce(extract(epoch FROM greatest(
                    replay_lag, CASE WHEN replay_lsn < written THEN clock_timestamp() - reply_time END)), 0) AS lag,
                coalesce(pg_wal_lsn_diff(written, replay_lsn), 0)::bigint AS bytes
         FROM pg_stat_replication, here),
     waiting AS (
         SELECT count(*) AS commits, coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0) AS seconds
         FROM pg_stat_activity
         WHERE wait_event = 'SyncRep' AND query_start < clock_timestamp() - interval '1 second')
SELECT commits AS waiting, seconds::double precision AS waiting_seconds,
       left(current_setting('synchronous_standby_names'), 80) AS wanted,
       (SELECT string_agg(format('%s (%s, %s)', name, state, sync_state), ', ' ORDER BY name)
        FROM (SELECT * FROM standbys ORDER BY name LIMIT 5) first) AS standbys,
       current_setting('synchronous_standby_names') = '' OR EXISTS (
           SELECT FROM standbys WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')) AS is_covered,
       (SELECT string_agg(format('%s (%s)', left(slot_name, 40), coalesce(
                   pg_size_pretty(pg_wal_lsn_diff(written, restart_lsn)), 'nothing')), ', ' ORDER BY slot_name)
        FROM (SELECT slot_name, restart_lsn, written FROM pg_replication_slots, here
              WHERE slot_type = 'physical' AND NOT active AND NOT temporary ORDER BY slot_name LIMIT 5) first) AS left,
       (SELECT name FROM standbys ORDER BY lag DESC, bytes DESC LIMIT 1) AS behind,
       coalesce((SELECT max(lag) FROM standbys), 0)::double precision AS behind_seconds,
       coalesce((SELECT max(bytes) FROM standbys), 0) AS behind_bytes
FROM waiting
