"""Tables that grow for ever are in partitions by time: who makes them, what goes with them, and what
nobody notices of them."""
import datetime
import re

import psycopg
import pytest

from support.program import CHECKOUT, Worker
from support.roles import as_role
from support.statements import code_of
from support.waiting import eventually, in_parallel

DAYS = ["events", "persona_activity_events", "quota_events"]
TABLES = [*DAYS, "notifications"]
MAKE = "SELECT make_partitions() AS made"
COLUMNS = {"events": ("event_name", "'daily_return'"), "persona_activity_events": ("type", "'post_created'"),
           "quota_events": ("quota_type", "'reply'"),
           "notifications": ("user_id, type, title", "(SELECT id FROM users LIMIT 1), 'template_used', 'x'")}
WEEK_MS = 7 * 24 * 3600 * 1000


@pytest.fixture
def database(own_database):
    own_database.execute("INSERT INTO users (email, password_hash) VALUES ('who@is.told', 'x')")
    return own_database


def write(database, table, at, n=1):
    """`at`: SQL."""
    names, values = COLUMNS[table]
    database.execute(f"INSERT INTO {table} ({names}, created_at) SELECT {values}, {at} FROM generate_series(1, {n})")


def parts(database, table):
    return [row["name"] for row in database.rows("SELECT name FROM partitions_of(%s) ORDER BY begins NULLS FIRST, ends",
                                                 table)]


def rows_by_part(database, table):
    return {row["part"]: row["n"] for row in database.rows(
        f"SELECT replace(tableoid::regclass::text, '{table}_', '') AS part, count(*) AS n FROM {table} GROUP BY 1")}


def today(database, ahead=0):
    return database.value("SELECT (now() AT TIME ZONE 'UTC')::date") + datetime.timedelta(days=ahead)


def day(date):
    return f"{date:%Y%m%d}"


def drop_all_days(database, table):
    """As if no worker had been there for weeks; what was in them is gone."""
    for name in parts(database, table)[1:]:
        if not name.endswith(("_before", "_outside")):
            database.execute(f"DROP TABLE {name}")


@pytest.mark.parametrize("table", DAYS)
def test_a_worker_makes_the_days_ahead(database, start, table):
    drop_all_days(database, table)
    start(Worker)
    ahead = [f"{table}_{day(today(database, n))}" for n in range(4)]
    eventually(lambda: parts(database, table) == [f"{table}_before", f"{table}_outside", *ahead])


def test_a_row_is_in_the_partition_of_its_month(database):
    for at in ("now()", "now()", "'0001-01-01'", "now() + interval '400 days'", "'infinity'"):
        write(database, "notifications", at)
    assert rows_by_part(database, "notifications") == {"before": 1, f"{today(database):%Y%m}": 2, "outside": 2}


@pytest.mark.parametrize("table", DAYS)
def test_a_row_is_in_the_partition_of_its_time(database, table):
    for at in ("now()", "now() + interval '1 day'", "now() - interval '40 days'", "'0001-01-01'",
               "'9999-12-31'", "now() + interval '60 days'"):
        write(database, table, at)
    assert rows_by_part(database, table) == {
        "before": 2, day(today(database)): 1, day(today(database, 1)): 1, "outside": 2}


@pytest.mark.parametrize("table", DAYS)
def test_while_nobody_makes_any_rows_come_in_and_go_by_age(database, start, table):
    drop_all_days(database, table)
    for hours in (0, 24 * 3, 24 * 100):
        write(database, table, f"now() - interval '{hours} hours'")
    database.execute(f"UPDATE {table} SET created_at = created_at + interval '0'")
    assert sum(rows_by_part(database, table).values()) == 3
    start(Worker)
    eventually(lambda: sum(rows_by_part(database, table).values()) == 2)


@pytest.mark.parametrize("table", DAYS)
def test_rows_of_a_day_that_is_made_later_move_and_count_once(database, table):
    drop_all_days(database, table)
    write(database, table, "now()", n=30)
    write(database, table, "now() + interval '2 days'", n=2)
    write(database, table, "'9999-12-31'")
    counted = database.rows("SELECT * FROM event_counts ORDER BY day, slot")
    assert database.value(MAKE) == 4
    assert rows_by_part(database, table) == {day(today(database)): 30, day(today(database, 2)): 2, "outside": 1}
    assert database.rows("SELECT * FROM event_counts ORDER BY day, slot") == counted


@pytest.mark.parametrize("n, where", [(10000, "today"), (10001, "outside")])
def test_very_many_rows_stay_where_they_are(database, n, where):
    drop_all_days(database, "events")
    write(database, "events", "now()", n=n)
    assert database.value(MAKE) == (4 if where == "today" else 3)
    assert rows_by_part(database, "events") == {day(today(database)) if where == "today" else where: n}
    assert database.value(MAKE) == 0


def test_beside_very_much_that_is_outside_others_get_theirs(database):
    """Whoever attaches a partition looks through it, and all others wait meanwhile."""
    for table in ("events", "quota_events"):
        drop_all_days(database, table)
    database.execute("ALTER TABLE events_outside ALTER COLUMN metadata SET STORAGE PLAIN")
    database.execute("INSERT INTO events (event_name, metadata) SELECT 'daily_return', to_jsonb(repeat('x', 7000)) "
                     "FROM generate_series(1, 8300)")
    assert database.value(MAKE) == 4
    assert [name for name in parts(database, "events") if name[-8:].isdigit()] == []
    with pytest.raises(psycopg.errors.RaiseException, match="events_outside has too many rows"):
        database.value(MAKE)
    database.execute("DELETE FROM events")
    database.execute("VACUUM events_outside")
    assert database.value(MAKE) == 4


@pytest.mark.parametrize("table", DAYS)
def test_a_day_that_is_old_as_a_whole_is_dropped_and_others_stay(database, table):
    """The worker of a week later: the clock is the database's, so the partitions are moved back."""
    for days in (7, 8, 9):
        old = today(database, -days)
        database.execute(f"CREATE TABLE {table}_{day(old)} (LIKE {table} INCLUDING ALL, PRIMARY KEY (id))")
    database.execute(f"ALTER TABLE {table} DETACH PARTITION {table}_before; DROP TABLE {table}_before")
    for days in (7, 8, 9):
        old = today(database, -days)
        database.execute(f"ALTER TABLE {table} ATTACH PARTITION {table}_{day(old)} "
                         f"FOR VALUES FROM ('{old} 00:00Z') TO ('{old + datetime.timedelta(days=1)} 00:00Z')")
        write(database, table, f"'{old} 23:59:59Z'")
    deleted = []
    while not deleted or deleted[-1]:
        deleted.append(database.value("SELECT deleted FROM forget_rows(%s, %s, 500, 0)", table, WEEK_MS))
    assert deleted == [500, 500, 0]
    assert rows_by_part(database, table) == {day(today(database, -7)): 1}


@pytest.mark.parametrize("table", ["events", "quota_events"])
def test_who_holds_a_table_delays_the_change_and_is_not_waited_for(database, table):
    drop_all_days(database, table)
    write(database, table, "now() - interval '100 days'")
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute(f"SELECT FROM {table} LIMIT 1")
        assert database.value("SELECT count(*) FROM (SELECT make_partitions()) made") == 1
        assert len(parts(database, table)) == 2
        writing = in_parallel(4, lambda: write(database, table, "now()"))
        assert writing == [None] * 4
        holder.rollback()
    assert database.value(MAKE) > 0 and rows_by_part(database, table)[day(today(database))] == 4


def test_two_workers_at_a_time_make_each_once(database):
    drop_all_days(database, "events")
    assert sum(in_parallel(4, lambda: database.value(MAKE))) == 4


def test_a_name_that_is_taken_keeps_no_other_partition_from_being_made(database):
    """As of one that somebody took out of the table, to keep it."""
    taken = f"events_{day(today(database, 1))}"
    drop_all_days(database, "events")
    drop_all_days(database, "quota_events")
    database.execute(f"CREATE TABLE {taken} (id int)")
    assert database.value(MAKE) == 7
    with pytest.raises(psycopg.errors.RaiseException, match=f"while making {taken}: .*already exists"):
        database.value(MAKE)
    write(database, "events", "now() + interval '1 day'")
    assert rows_by_part(database, "events") == {"outside": 1}
    database.execute(f"DROP TABLE {taken}")
    assert database.value(MAKE) == 1 and rows_by_part(database, "events") == {day(today(database, 1)): 1}


def test_workers_who_forget_at_a_time_drop_each_partition_once(database):
    for days in range(20, 30):
        database.execute("SELECT make_partition('events', date_trunc('day', now(), 'UTC') + %s * interval '1 day')",
                         days)

    def forget():
        """As if 25 days had gone by."""
        database.execute("SELECT * FROM forget_rows('events', %s, 500, 0)", -25 * 24 * 3600 * 1000)

    def left():
        in_parallel(8, forget)
        return parts(database, "events")

    stay = ["events_outside", *(f"events_{day(today(database, days))}" for days in range(25, 30))]
    eventually(lambda: left() == stay)


@pytest.mark.parametrize("table", TABLES)
def test_a_partition_knows_what_the_whole_table_knows(database, table):
    """Foreign keys, checks, and an id that is there once."""
    shape = """
        SELECT string_agg(line, E'\n' ORDER BY line) FROM (
            SELECT regexp_replace(pg_get_constraintdef(oid), ' NOT VALID', '') AS line FROM pg_constraint
            WHERE conrelid = %s::regclass AND contype IN ('c', 'f')
            UNION ALL SELECT format('%%s %%s %%s', attname, attnotnull, pg_get_expr(adbin, adrelid))
            FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
            WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped) lines"""
    whole = database.value(shape, table, table)
    for name in parts(database, table):
        assert database.value(shape, name, name) == whole, name
        assert database.value("SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'",
                              name) == 1
    owned = database.value("SELECT pg_get_serial_sequence(%s, 'id')", table)
    assert owned == f"public.{table}_id_seq"


@pytest.mark.parametrize("role", ["api", "ops"])
@pytest.mark.parametrize("call", ["make_partitions()", "forget_rows('events', 0, 500, 0)",
                                  "make_partition('events', now())"])
def test_nobody_but_the_worker_makes_or_forgets(database, role, call):
    with psycopg.connect(as_role(database.url, f"{role}")) as session:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(f"SELECT * FROM {call}")


def test_the_worker_forgets_of_these_tables_alone(database):
    with psycopg.connect(as_role(database.url, "worker")) as session:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("SELECT * FROM forget_rows('users', 0, 500, 0)")


def test_an_account_is_deleted_without_reading_others_rows(database):
    """Nobody analyzes a table in partitions as a whole: its plan must not need that."""
    with database.connect() as connection:
        connection.execute("SET session_replication_role = replica")  # nothing asks for digests
        for table, whose in (("events", "user_id"), ("persona_activity_events", "persona_id")):
            names, values = COLUMNS[table]
            connection.execute(f"INSERT INTO {table} ({names}, {whose}) SELECT {values}, md5((n % 10)::text)::uuid "
                               "FROM generate_series(1, 20000) n")
            connection.execute(f"ANALYZE {table}_{day(today(database))}")
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE erase AS {code_of('accounts/erase_rows')}")
        plan = "\n".join(row["QUERY PLAN"] for row in connection.execute("EXPLAIN EXECUTE erase(500)"))
    assert not re.search(rf"Seq Scan on \w+_{day(today(database))}", plan), plan


def test_a_table_in_partitions_is_left_as_it_is(database):
    before = parts(database, "events")
    database.execute("CALL partition_by_time('events')")
    assert parts(database, "events") == before
