-- What the server is: how many of its connections are taken, those of other databases among them,
-- and its place among its standbys.
-- One row: taken bigint, most bigint (for roles that are no superusers), in_recovery bool: it is a
--       standby itself, timeline bigint: another with each promotion, standbys bigint: connected
--       now, standby_missing bool: commits have to wait for one and none is there, lag_seconds
--       double precision: of the one that is furthest behind, lag_bytes bigint: of the log that it
--       hasn't applied; both null where none is there, or our role may not see it, commits_waiting
--       bigint: for over a second
-- pg_stat_database counts for every role; of pg_stat_activity most see their own sessions alone.
-- Without pg_read_all_stats a role sees how many standbys there are and nothing else of them, and
-- of the commits that wait its own.
-- A standby that is frozen says nothing more, so the time since it last spoke counts, too. Of one
-- whose replay is stuck the bytes tell.
WITH here AS (
         SELECT pg_is_in_recovery() AS in_recovery,
                CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS written),
     standbys AS (
         SELECT coalesce(sync_state, 'sync') IN ('sync', 'quorum') AS may_be_waited_for,
                extract(epoch FROM greatest(replay_lag, CASE WHEN replay_lsn < written
                                                             THEN clock_timestamp() - reply_time END)) AS lag,
                pg_wal_lsn_diff(written, replay_lsn) AS bytes
         FROM pg_stat_replication, here
         WHERE coalesce(state, 'streaming') = 'streaming')
SELECT (SELECT coalesce(sum(numbackends), 0) FROM pg_stat_database)::bigint AS taken,
       current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
           - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::bigint AS most,
       in_recovery,
       CASE WHEN in_recovery THEN (SELECT timeline_id FROM pg_control_checkpoint())
            ELSE ('x' || left(pg_walfile_name(written), 8))::bit(32)::bigint END AS timeline,
       (SELECT count(*) FROM standbys) AS standbys,
       NOT in_recovery AND current_setting('synchronous_standby_names') <> ''
           AND NOT EXISTS (SELECT FROM standbys WHERE may_be_waited_for) AS standby_missing,
       (SELECT max(lag) FROM standbys)::double precision AS lag_seconds,
       (SELECT max(bytes) FROM standbys)::bigint AS lag_bytes,
       (SELECT count(*) FROM pg_stat_activity
        WHERE wait_event = 'SyncRep' AND query_start < clock_timestamp() - interval '1 second') AS commits_waiting
FROM here
