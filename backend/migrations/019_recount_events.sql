-- The counters of events, made anew from all events: for loads of very many.
-- The trigger (009_engagement.sql) writes a row for each battle and coming day into a table of
-- three indexes, and updates the row with the next load. Here each row is written once and the
-- indexes are made at the end.

-- Sums as the trigger's. What deleted events counted is gone afterwards. Writers of events wait
-- from the lock on, readers of the counters from TRUNCATE on, until the end of the transaction.
CREATE FUNCTION recount_events() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    today date := utc_day(now());
    remade text[];
    statement text;
BEGIN
    LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
    TRUNCATE event_counts, battle_engagement;

    INSERT INTO event_counts (event_name, day, slot, events)
    SELECT event_name, utc_day(created_at), 0, count(*) FROM events WHERE isfinite(created_at) GROUP BY 1, 2;

    remade := ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index
                    WHERE indrelid = 'battle_engagement'::regclass AND NOT indisprimary ORDER BY indexrelid);
    FOR statement IN SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index
                     WHERE indrelid = 'battle_engagement'::regclass AND NOT indisprimary LOOP
        EXECUTE statement;
    END LOOP;
    ALTER TABLE battle_engagement DROP CONSTRAINT battle_engagement_pkey;

    INSERT INTO battle_engagement (battle_id, day, posted_at, shares, remixes)
    SELECT p.id, e.day + ahead, p.created_at, sum(e.shares), sum(e.remixes)
    FROM (SELECT battle_of(metadata) AS battle_id, utc_day(created_at) AS day,
                 count(*) FILTER (WHERE event_name = 'battle_shared') AS shares,
                 count(*) FILTER (WHERE event_name = 'remix_completed') AS remixes
          FROM events
          WHERE event_name IN ('battle_shared', 'remix_completed') AND created_at >= now() - interval '15 days'
            AND isfinite(created_at)
          GROUP BY 1, 2) e
    JOIN posts p ON p.id = e.battle_id
    CROSS JOIN generate_series(0, 13) ahead
    WHERE e.day + ahead >= today
    GROUP BY p.id, e.day + ahead;

    ALTER TABLE battle_engagement ADD CONSTRAINT battle_engagement_pkey PRIMARY KEY (battle_id, day);
    FOREACH statement IN ARRAY remade LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
