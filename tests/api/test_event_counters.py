"""The counters of events are the same however events come: one by one, many at once, by COPY, or
counted anew after a load."""
import re

import pytest

from support.program import CHECKOUT
from support.waiting import at_once, eventually

NAMES = ["battle_shared", "remix_completed", "daily_return"]
COUNTERS = ("SELECT event_name, day, sum(events) AS events FROM event_counts GROUP BY 1, 2 ORDER BY 1, 2",
            "SELECT * FROM battle_engagement ORDER BY battle_id, day")
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'battle_engagement' ORDER BY 1"
INSERT = "INSERT INTO events (event_name, metadata, created_at) "
RECIPE = re.search(r"(?s)```sql\n(BEGIN;.*?)```", (CHECKOUT / "docs/SCALING.md").read_text())[1]
PLACE = "-- COPY events … or INSERT INTO events … SELECT …"
SCHEMA = ("SELECT pg_get_constraintdef(oid) AS of FROM pg_constraint WHERE conrelid = 'events'::regclass "
          "UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 'events' "
          "UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger WHERE tgrelid = 'events'::regclass "
          "AND NOT tgisinternal ORDER BY 1")


@pytest.fixture
def database(own_database):
    """Ten posts, and the table `listed` with events of each name on 20 days, some for no battle."""
    with own_database.connect() as connection:
        connection.execute("INSERT INTO users (email, password_hash) VALUES ('a@b', 'x')")
        connection.execute("INSERT INTO posts (room_id, user_id, status, content) "
                           "SELECT (SELECT min(id::text)::uuid FROM rooms), u.id, 'PUBLISHED', 'x' || n "
                           "FROM users u, generate_series(1, 10) n")
        connection.execute("CREATE TABLE listed (event_name text, metadata jsonb, created_at timestamptz)")
        connection.execute("INSERT INTO listed SELECT name, jsonb_build_object('battle_id', p.id), "
                           "now() - d * interval '1 day' FROM posts p, unnest(%s::text[]) name, "
                           "generate_series(0, 19) d", [NAMES])
        connection.execute("INSERT INTO listed SELECT name, metadata, created_at "
                           "FROM unnest(%s::text[]) name, (VALUES ('{}'::jsonb), ('{\"battle_id\": 7}'), ('[]')) m"
                           "(metadata), unnest('{now,infinity,-infinity,4000-01-01}'::timestamptz[]) created_at",
                           [NAMES])
    return own_database


def counters(database):
    found = [database.rows(query) for query in COUNTERS]
    assert all(found)
    return found


def one_by_one(database):
    with database.connect() as connection:
        for row in connection.execute("SELECT event_name, metadata::text, created_at::text FROM listed").fetchall():
            connection.execute(INSERT + "VALUES (%s, %s, %s)", list(row.values()))


def at_a_time(database):
    database.execute(INSERT + "SELECT * FROM listed")


def by_copy(database):
    with database.connect() as connection:
        rows = connection.execute("SELECT event_name, metadata::text, created_at::text FROM listed").fetchall()
        with connection.cursor().copy("COPY events (event_name, metadata, created_at) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(list(row.values()))


def by_load(database):
    """As docs/SCALING.md says."""
    assert PLACE in RECIPE
    schema = database.rows(SCHEMA)
    database.execute(RECIPE.replace(PLACE, INSERT + "SELECT * FROM listed;"))
    assert database.rows(SCHEMA) == schema


def test_however_events_come_the_counters_are_equal(database):
    found = {}
    for way in (one_by_one, at_a_time, by_copy, by_load):
        database.execute("TRUNCATE events, event_counts, battle_engagement")
        way(database)
        found[way.__name__] = counters(database)
    assert found["at_a_time"] == found["one_by_one"]
    assert found["by_copy"] == found["one_by_one"]
    assert found["by_load"] == found["one_by_one"]


def test_counting_anew_leaves_the_table_as_it_was(database):
    at_a_time(database)
    indexes, kept = database.rows(INDEXES), counters(database)
    database.execute("SELECT recount_events()")
    assert database.rows(INDEXES) == indexes
    assert counters(database) == kept
    at_a_time(database)  # the trigger goes on from there
    assert [row["shares"] for row in database.rows(COUNTERS[1])] == [2 * row["shares"] for row in kept[1]]


def test_events_that_come_meanwhile_are_counted_once(database):
    def write():
        for _ in range(20):
            at_a_time(database)

    def recount():
        for _ in range(5):
            eventually(lambda: database.count("events") > 0)
            database.execute("SELECT recount_events()")

    at_once(write, write, recount)
    kept = counters(database)
    database.execute("SELECT recount_events()")
    assert counters(database) == kept
