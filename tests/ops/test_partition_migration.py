"""Tables that grow for ever get their partitions while people write: whatever was in them, wherever it
was cut off before, and by the role that owns them."""
import contextlib
import datetime
import subprocess

import pytest

from support.postgres import _binaries
from support.program import CHECKOUT, MIGRATIONS, run
from support.roles import as_role
from support.waiting import eventually

FIRST = "061_partitions.sql"
TABLES = ["events", "persona_activity_events", "quota_events", "notifications"]
ODD_TIMES = ["'0001-01-01'", "now() - interval '90 days'", "now()", "date_trunc('day', now(), 'UTC')",
             "date_trunc('day', now(), 'UTC') + interval '14 days'", "now() + interval '14 days 12 hours'",
             "now() + interval '15 days 12 hours'", "now() + interval '70 days'", "'9999-12-31'"]
VALUES = {"events": ("event_name, user_id", "'daily_return', $who"),
          "persona_activity_events": ("type, persona_id", "'post_created', NULL"),
          "quota_events": ("quota_type, user_id", "'call', $who"),
          "notifications": ("type, title, user_id", "'template_used', 'x', $who")}
WHO = "(SELECT id FROM users LIMIT 1)"
SHAPE = """
    SELECT string_agg(line, E'\n' ORDER BY line) FROM (
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS line FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT format('%s %s %s', c.oid::regclass, grantee::regrole, privilege_type)
        FROM pg_class c, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace AND grantee <> relowner
        UNION ALL SELECT format('%s %s', oid::regclass, relowner::regrole) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace) lines
    WHERE line !~ '_[0-9]{6,8}'"""


def migrate_as_owner(database, **settings):
    return run("migrate", DATABASE_URL=as_role(database.url, "owner"), **settings)


def write(connection, table, at):
    names, values = VALUES[table]
    connection.execute(f"INSERT INTO {table} ({names}, created_at) VALUES ({values.replace('$who', WHO)}, {at})")


def tables_of(database):
    """Every row, and what was counted."""
    return {table: database.rows(f"SELECT row::text FROM {table} AS row ORDER BY 1")
            for table in [*TABLES, "event_counts"]}


def is_in_partitions(database, table):
    return database.value("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", table)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The migrations before the tables are changed, and what changes them."""
    folder = tmp_path_factory.mktemp("migrations")
    for name in MIGRATIONS[:MIGRATIONS.index(FIRST) + 1]:
        (folder / name).symlink_to(CHECKOUT / "backend" / "migrations" / name)
    return folder


@pytest.fixture(scope="module")
def template(cluster, folder):
    database = cluster.create()
    assert run("roles", "--apply", DATABASE_OWNER_URL=database.url).returncode == 0
    assert migrate_as_owner(database, MIGRATIONS_DIR=folder).returncode == 0
    database.execute("INSERT INTO users (email, password_hash) VALUES ('who@is.told', 'x')")
    return database


@pytest.fixture(scope="module")
def shape(cluster):
    """Of a database that never had rows."""
    database = cluster.create()
    assert run("roles", "--apply", DATABASE_OWNER_URL=database.url).returncode == 0
    assert migrate_as_owner(database).returncode == 0
    return database.value(SHAPE)


@pytest.fixture
def database(own_database):
    """One whose tables have rows of all times, written before."""
    with own_database.connect() as connection:
        for table in TABLES:
            for at in ODD_TIMES:
                write(connection, table, at)
            if table != "persona_activity_events":  # whose times are finite
                write(connection, table, "'infinity'")
                write(connection, table, "'-infinity'")
    return own_database


def cut_off(database, table, days_ago, at):
    """As a migration leaves the table that began days ago, with an earlier boundary, and was cut off
    there. A superuser began it."""
    boundary = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=15 - days_ago)).replace(
        hour=0, minute=0, second=0, microsecond=0)
    with database.connect() as connection:
        connection.execute("SELECT bound_table(%s, %s)", [table, boundary])
        if at != "bounded":
            connection.execute(f"WITH moved AS (DELETE FROM {table} WHERE created_at >= '{boundary}' RETURNING *) "
                               f"INSERT INTO {table}_outside SELECT * FROM moved")
        if at == "validated":
            connection.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT is_before")


def assert_migrates(database, rows, shape=None):
    done = migrate_as_owner(database)
    assert done.returncode == 0, done.stderr
    assert tables_of(database) == rows
    assert shape in (None, database.value(SHAPE))
    for table in TABLES:
        for at in ("now()", "now() + interval '20 days'", "now() - interval '1 year'"):
            write(database, table, at)
    assert migrate_as_owner(database).stdout == "nothing to apply\n"


@contextlib.contextmanager
def frequent_autovacuum(database):
    def set_to(value):
        database.execute(f"ALTER SYSTEM SET autovacuum_naptime = {value}")
        database.execute("SELECT pg_reload_conf()")

    set_to("'1s'")
    try:
        yield
    finally:
        set_to("DEFAULT")


def test_rows_of_all_times_stay_and_are_counted_once(database, shape):
    assert_migrates(database, tables_of(database), shape)


@pytest.mark.parametrize("at, days_ago", [("bounded", 1), ("moved", 1), ("moved", 20), ("validated", 0)])
def test_it_goes_on_where_it_was_cut_off(database, shape, at, days_ago):
    rows = tables_of(database)
    for table in TABLES:
        cut_off(database, table, days_ago, at)
    assert_migrates(database, rows, shape)


def test_a_dump_of_what_was_cut_off_can_be_restored_and_goes_on(cluster, database):
    rows = tables_of(database)
    cut_off(database, "events", 0, "moved")
    restored = cluster.create()
    dumped = subprocess.run([_binaries() / "pg_dump", database.url], check=True, capture_output=True)
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", restored.url], input=dumped.stdout, check=True,
                   capture_output=True)
    assert_migrates(restored, rows)


def test_an_autovacuum_makes_way(database):
    """One that takes a minute, as hours where the table is large."""
    database.execute("INSERT INTO events (event_name) SELECT 'daily_return' FROM generate_series(1, 20000)")
    database.execute("ALTER TABLE events SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, "
                     "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)")
    database.execute("DELETE FROM events WHERE id % 2 = 0")
    with frequent_autovacuum(database):
        eventually(lambda: database.value("SELECT count(*) FROM pg_stat_progress_vacuum "
                                          "WHERE relid = 'events'::regclass"), within=30)
        done = migrate_as_owner(database)
    assert done.returncode == 0, done.stderr
    assert is_in_partitions(database, "events")
    assert database.value("SELECT autovacuum_count FROM pg_stat_all_tables WHERE relname = 'events_before'") == 0


def test_an_index_that_is_invalid_is_refused_before_anything_is_changed(database):
    """It would be built while everybody waits."""
    database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'events_by_user'::regclass")
    done = migrate_as_owner(database)
    assert done.returncode == 1 and "the index events_by_user is invalid" in done.stderr
    assert database.value("SELECT to_regclass('events_outside')") is None
    database.execute("REINDEX INDEX CONCURRENTLY events_by_user")
    assert migrate_as_owner(database).returncode == 0

