-- Tables that grow for ever in partitions by time: what is older than a retention goes as a whole
-- partition, which costs the same however many rows it has.
--
-- A table `events` has events_20261130 and so on, a partition a UTC day (or month); events_before
-- with the rows from before it had partitions; and events_outside for times that no partition has,
-- as somebody may write them by hand, or as all rows are once the workers were away for long.
-- Each partition has its own primary key (id). The whole has none: one would have to have the time
-- in it, and wouldn't keep an id from being there twice either.

-- The time that one partition has; null: the table isn't one of these.
CREATE FUNCTION partition_step(parent text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN parent IN ('events', 'persona_activity_events', 'quota_events') THEN 'day'
                WHEN parent = 'notifications' THEN 'month' END
$$;

-- The column whose time says in which partition a row is.
CREATE FUNCTION partition_column(parent text) RETURNS name LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT attname FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
    WHERE partrelid = to_regclass(quote_ident(parent))
$$;

CREATE FUNCTION partition_name(parent text, begins timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT parent || to_char(begins AT TIME ZONE 'UTC', CASE partition_step(parent) WHEN 'day' THEN '_YYYYMMDD'
                                                        ELSE '_YYYYMM' END)
$$;

CREATE FUNCTION partition_end(parent text, begins timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT (begins AT TIME ZONE 'UTC' + ('1 ' || partition_step(parent))::interval) AT TIME ZONE 'UTC'
$$;

-- begins: null: with all earlier times. ends: null: it is the one for times of no other. Waits for
-- nobody, not even for who drops one just now: with a relation, pg_get_expr would lock it.
CREATE FUNCTION partitions_of(parent text) RETURNS TABLE (name text, begins timestamptz, ends timestamptz)
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' SET search_path = public, pg_temp AS $$
    SELECT c.relname, substring(bound FROM 'FROM \(''([^'']+)''\)')::timestamptz,
           substring(bound FROM 'TO \(''([^'']+)''\)')::timestamptz
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid, pg_get_expr(c.relpartbound, 0) bound
    WHERE i.inhparent = to_regclass(quote_ident(parent))
$$;

-- Makes the partition that begins then. Rows of its time that are in _outside already move, which
-- no trigger sees: they were counted when they came. Very many stay there, as others wait for what
-- moves. Everything is locked for as long as it takes to look through _outside: of the parent's
-- users none waits, of _outside's all, and of the tables that it refers to the writers.
CREATE FUNCTION make_partition(parent text, begins timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    name text := partition_name(parent, begins);
    outside text := parent || '_outside';
    ends timestamptz := partition_end(parent, begins);
    time_of name := partition_column(parent);
    n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %1$I WHERE %2$I >= $1 AND %2$I < $2 LIMIT 10001) few',
                   outside, time_of) INTO n USING begins, ends;
    IF n > 10000 THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL, PRIMARY KEY (id))', name, parent);
    IF n > 0 THEN
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', outside);
        EXECUTE format('WITH moved AS (DELETE FROM %1$I WHERE %2$I >= $1 AND %2$I < $2 RETURNING *) '
                       'INSERT INTO %3$I SELECT * FROM moved', outside, time_of, name) USING begins, ends;
    END IF;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, begins, ends);
    RETURN true;
END
$$;

-- Makes the partitions of now and of the next three days or months, of each table that has
-- partitions. One process does at a time. Who would have to wait for a lock doesn't: there is time
-- until the next call. One that can't be made, as its name is taken, keeps no other from being
-- made: it is an error once there is nothing else to make. So is one beside an _outside of over
-- 64 MiB, as who attaches it looks through that while all others wait: that one's rows go by age.
CREATE FUNCTION make_partitions() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '50ms' AS $$
DECLARE
    parent text;
    begins timestamptz;
    made int := 0;
    problem text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('personaworlds partitions', 0)) THEN
        RETURN 0;
    END IF;
    FOR parent, begins IN
        SELECT c.relname, b.begins
        FROM pg_class c
        CROSS JOIN generate_series(0, 3) ahead
        CROSS JOIN LATERAL (SELECT date_trunc(partition_step(c.relname), now())
                                       + (ahead || ' ' || partition_step(c.relname))::interval AS begins) b
        WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace AND partition_step(c.relname) IS NOT NULL
          AND NOT EXISTS (SELECT FROM partitions_of(c.relname) p
                          WHERE p.ends > b.begins AND coalesce(p.begins <= b.begins, true))
        ORDER BY 1, 2
    LOOP
        BEGIN
            IF pg_relation_size(quote_ident(parent || '_outside')) > 64 << 20 THEN
                RAISE '%_outside has too many rows to be looked through', parent;
            END IF;
            made := made + make_partition(parent, begins)::int;
        EXCEPTION
            WHEN lock_not_available OR deadlock_detected THEN
                NULL;
            WHEN OTHERS THEN
                problem := format('while making %s: %s', partition_name(parent, begins), SQLERRM);
        END;
    END LOOP;
    IF made = 0 AND problem IS NOT NULL THEN
        RAISE '%', problem;
    END IF;
    RETURN made;
END
$$;

-- What is older than the retention: one partition that is so as a whole is dropped; if there is
-- none, one batch of rows is deleted from _before and _outside. Where a partition was dropped,
-- `deleted` is the batch: there may be more. Ids are given in the order in which rows are written,
-- so the oldest are found at that end without an index on their times. The first 10,000 are looked
-- at: a row with an earlier time than those around it, written by hand, goes with them. A reserved
-- quota unit that is held still stays. What is locked, or dropped by somebody else at this moment,
-- is left to the next call.
CREATE FUNCTION forget_rows(parent text, retention_ms bigint, batch int, after bigint,
                            OUT deleted int, OUT last bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
    since timestamptz := now() - retention_ms * interval '1 millisecond';
    held text := CASE parent WHEN 'quota_events' THEN ' AND (expires_at IS NULL OR expires_at < now())' ELSE '' END;
    part text;
    rows_gone int;
    last_gone bigint;
BEGIN
    IF partition_step(parent) IS NULL THEN
        RAISE 'no partitions of %', parent USING ERRCODE = 'insufficient_privilege';
    END IF;
    last := after;
    deleted := 0;
    SELECT name INTO part FROM partitions_of(parent) WHERE ends <= since ORDER BY ends LIMIT 1;
    IF FOUND THEN
        BEGIN
            EXECUTE format('DROP TABLE %I', part);
            deleted := batch;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table THEN
            NULL;
        END;
    END IF;
    FOR part IN SELECT name FROM partitions_of(parent) WHERE begins IS NULL ORDER BY ends LOOP
        BEGIN
            EXECUTE format(
                'WITH old AS MATERIALIZED (
                     SELECT id FROM %1$I
                     WHERE id = ANY (ARRAY(
                         SELECT id FROM (SELECT * FROM %1$I WHERE id > $1 ORDER BY id LIMIT 10000) oldest
                         WHERE %3$I < $2 %2$s LIMIT $3))
                     ORDER BY id FOR UPDATE SKIP LOCKED),
                 gone AS (DELETE FROM %1$I WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id)
                 SELECT count(*), max(id) FROM gone', part, held, partition_column(parent))
            INTO rows_gone, last_gone USING after, since, batch - deleted;
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table THEN
            CONTINUE;
        END;
        deleted := deleted + rows_gone;
        last := greatest(last, last_gone);
        EXIT WHEN deleted = batch;
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION make_partition(text, timestamptz), make_partitions(), forget_rows(text, bigint, int, bigint)
    FROM PUBLIC;

-- ---- how a table gets partitions, beside the work on it

-- Has the table and what it refers to for a short change: a foreign key has triggers on both sides,
-- and ATTACH PARTITION takes some away. Tries for as long as it takes others' transactions to end,
-- and never keeps them waiting for longer than a twentieth of a second for each of these tables. An
-- autovacuum makes way for who waits for deadlock_timeout, which is longer: so first for the lock
-- that keeps it out, behind which no reader or writer waits.
CREATE FUNCTION lock_whole(parent text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    targets text;
BEGIN
    SELECT string_agg(oid::regclass::text, ', ' ORDER BY oid::regclass::text DESC) INTO targets
    FROM pg_class
    WHERE oid IN (to_regclass(quote_ident(parent)), to_regclass(quote_ident(parent || '_outside')))
       OR oid IN (SELECT confrelid FROM pg_constraint WHERE conrelid = parent::regclass AND contype = 'f');
    PERFORM set_config('lock_timeout', '60s', true);
    BEGIN
        EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', targets);
        PERFORM set_config('lock_timeout', '50ms', true);
        FOR round IN 1..300 LOOP
            BEGIN
                EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', targets);
                RETURN;
            EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
                PERFORM pg_sleep(0.1 + random() * 0.1);
            END;
        END LOOP;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        NULL;
    END;
    RAISE 'somebody has had one of % locked for a minute; end that, and migrate again, within two weeks where it was '
          'begun: then rows would be refused', targets USING ERRCODE = 'lock_not_available';
END
$$;

-- Refuses times from `boundary` on, and makes the table where those go that are there. From one
-- that an earlier call made, which had an earlier boundary, its rows from before come back.
CREATE FUNCTION bound_table(parent text, boundary timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    outside text := parent || '_outside';
    line record;
BEGIN
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS is_before', parent);
    IF to_regclass(quote_ident(outside)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED '
                       'INCLUDING STORAGE INCLUDING COMPRESSION, PRIMARY KEY (id))', outside, parent);
        FOR line IN SELECT conname, replace(pg_get_constraintdef(oid), ' NOT VALID', '') AS definition
                    FROM pg_constraint WHERE conrelid = parent::regclass AND contype = 'f' LOOP
            EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s', outside, line.conname, line.definition);
        END LOOP;
        FOR line IN SELECT relowner::regrole AS owner FROM pg_class
                    WHERE oid = parent::regclass AND relowner <> current_user::regrole LOOP
            EXECUTE format('ALTER TABLE %I OWNER TO %s', outside, line.owner);
        END LOOP;
    ELSE
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', parent); -- they were counted when they came
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE created_at < $1 RETURNING *) '
                       'INSERT INTO %I SELECT * FROM moved', outside, parent) USING boundary;
        EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', parent);
    END IF;
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT is_before CHECK (created_at < %L) NOT VALID', parent, boundary);
END
$$;

-- Puts a table with partitions in the place of `parent`, which becomes its partition _before.
-- Rights, names, triggers, the sequence and functions of its rows are the new one's afterwards.
CREATE FUNCTION put_below(parent text, boundary timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := parent || '_before';
    before_id oid := parent::regclass;
    statements text[];
    statement text;
    rights text[];
    line record;
    is_empty boolean;
BEGIN
    SELECT array_agg(pg_get_functiondef(p.oid)) INTO statements
    FROM pg_proc p JOIN pg_type t ON t.oid = ANY (p.proargtypes::oid[]) WHERE t.typrelid = before_id;
    FOR line IN SELECT p.oid::regprocedure AS function
                FROM pg_proc p JOIN pg_type t ON t.oid = ANY (p.proargtypes::oid[]) WHERE t.typrelid = before_id LOOP
        EXECUTE format('DROP FUNCTION %s', line.function);
    END LOOP;
    SELECT statements || array_agg(format('ALTER TABLE %I ADD CONSTRAINT %I %s', parent, conname,
                                          pg_get_constraintdef(oid))) INTO statements
    FROM pg_constraint WHERE conrelid = before_id AND contype = 'f';
    SELECT statements || array_agg(pg_get_indexdef(indexrelid)) INTO statements
    FROM pg_index WHERE indrelid = before_id AND NOT indisprimary;
    SELECT statements || coalesce(array_agg(pg_get_triggerdef(oid)), '{}') INTO statements
    FROM pg_trigger WHERE tgrelid = before_id AND NOT tgisinternal;
    SELECT array_agg(format('GRANT %s ON %I TO %s', privilege, parent, role)) INTO rights
    FROM (SELECT a.privilege_type AS privilege, a.grantee FROM pg_class c, aclexplode(relacl) a
          WHERE c.oid = before_id AND a.grantee <> c.relowner
          UNION ALL
          SELECT format('%s (%I)', a.privilege_type, attname), a.grantee FROM pg_attribute, aclexplode(attacl) a
          WHERE attrelid = before_id AND NOT attisdropped) granted
    CROSS JOIN LATERAL (SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS role) named;

    FOR line IN SELECT tgname FROM pg_trigger WHERE tgrelid = before_id AND NOT tgisinternal LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', line.tgname, parent);
    END LOOP;
    FOR line IN SELECT relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = before_id LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', line.relname, line.relname || '_before');
    END LOOP;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', parent, before);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED '
                   'INCLUDING STORAGE INCLUDING COMPRESSION) PARTITION BY RANGE (created_at)', parent, before);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT is_before', parent);
    FOR line IN SELECT relowner::regrole AS owner FROM pg_class
                WHERE oid = before_id AND relowner <> current_user::regrole LOOP
        EXECUTE format('ALTER TABLE %I OWNER TO %s', parent, line.owner);
    END LOOP;
    EXECUTE format('ALTER SEQUENCE %I OWNED BY %I.id', parent || '_id_seq', parent);
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;

    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I)', before) INTO is_empty;
    IF is_empty THEN
        boundary := date_trunc(partition_step(parent), now(), 'UTC');
    END IF;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)', parent, before, boundary);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT is_before', before);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', parent, parent || '_outside');
    FOREACH statement IN ARRAY coalesce(rights, '{}') LOOP
        EXECUTE statement;
        EXECUTE replace(replace(statement, format(' ON %I TO ', parent), format(' ON %I FROM ', before)),
                        'GRANT ', 'REVOKE ');
    END LOOP;
END
$$;

-- No row is moved but those whose time lies two weeks ahead or more, and nobody waits for longer
-- than the locks above are held, which is for some milliseconds whatever the table's size. Cut off,
-- it is called again, within these two weeks.
CREATE PROCEDURE partition_by_time(parent text) LANGUAGE plpgsql AS $$
DECLARE
    boundary timestamptz;
    line record;
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = parent::regclass) = 'p' THEN
        RETURN;
    END IF;
    FOR line IN SELECT indexrelid::regclass AS index FROM pg_index
                WHERE indrelid = parent::regclass AND NOT indisvalid LOOP
        RAISE 'the index % is invalid, and would be built while everybody waits: REINDEX INDEX CONCURRENTLY it first, '
              'or drop it', line.index;
    END LOOP;
    PERFORM set_config('timezone', 'UTC', true);
    boundary := date_trunc(partition_step(parent), partition_end(parent, now() + interval '14 days'));
    PERFORM lock_whole(parent);
    PERFORM bound_table(parent, boundary);
    COMMIT;
    EXECUTE format('WITH moved AS (DELETE FROM %I WHERE created_at >= $1 RETURNING *) '
                   'INSERT INTO %I SELECT * FROM moved', parent, parent || '_outside') USING boundary;
    COMMIT;
    FOR line IN SELECT conname FROM pg_constraint WHERE conrelid = parent::regclass AND NOT convalidated LOOP
        EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT %I', parent, line.conname);
    END LOOP;
    COMMIT;
    PERFORM set_config('timezone', 'UTC', true);
    PERFORM lock_whole(parent);
    PERFORM put_below(parent, boundary);
    COMMIT;
    PERFORM make_partitions();
END
$$;
