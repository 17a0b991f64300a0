"""Rows go when they have been kept for as long as a setting says."""
import pytest

from support.program import JWT_SECRET, Worker, run
from support.waiting import eventually

SHORTEST = {"EVENT_RETENTION": "360h", "ACTIVITY_RETENTION": "192h", "NOTIFICATION_RETENTION": "168h",
            "QUOTA_RETENTION": "48h"}
TABLES = {"EVENT_RETENTION": "events", "ACTIVITY_RETENTION": "persona_activity_events",
          "NOTIFICATION_RETENTION": "notifications", "QUOTA_RETENTION": "quota_events"}
COLUMNS = {"events": ("event_name", "'daily_return'"), "persona_activity_events": ("type", "'post_created'"),
           "notifications": ("user_id, type, title", "(SELECT id FROM users LIMIT 1), 'template_used', 'x'"),
           "quota_events": ("persona_id, quota_type", "(SELECT id FROM personas LIMIT 1), 'reply'")}


@pytest.fixture
def persona(user):
    return user.persona()


def write(database, table, hours, n=1, **more):
    names, values = COLUMNS[table]
    names, values = [names, "created_at", *more], [values, "now() - %s * interval '1 hour'", *more.values()]
    database.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM generate_series(1, %s)",
                     hours, n)


def hours_left(database, table):
    """The ages of the rows, in whole hours, oldest first."""
    return [row["age"] for row in database.rows(
        f"SELECT round(extract(epoch FROM now() - created_at) / 3600)::int AS age FROM {table} "
        "WHERE created_at < now() - interval '30 hours' ORDER BY 1 DESC")]


@pytest.mark.parametrize("setting", TABLES)
def test_what_is_older_goes_and_what_is_younger_stays(persona, database, start, setting):
    """Of what is in no partition of its own; notifications of this month go with it."""
    kept = "744h" if setting == "NOTIFICATION_RETENTION" else SHORTEST[setting]
    table, hours = TABLES[setting], int(kept[:-1])
    write(database, table, hours + 1, n=1200)  # more than two batches
    for age in (hours + 1, hours - 1, hours + 100, hours - 2):
        write(database, table, age)
    start(Worker, **{setting: kept})
    eventually(lambda: hours_left(database, table) == [hours - 1, hours - 2], within=20)


def test_by_default_a_quarter_is_kept(persona, database, start):
    for table in TABLES.values():
        write(database, table, 2161)
        write(database, table, 2159)
    start(Worker)
    for table in set(TABLES.values()) - {"quota_events"}:
        eventually(lambda: hours_left(database, table) == [2159], within=20)
    eventually(lambda: hours_left(database, "quota_events") == [], within=20)


def test_a_reservation_goes_when_it_is_over(persona, database, start):
    write(database, "quota_events", 60, expires_at="now() - interval '59 hours'")
    write(database, "quota_events", 70, expires_at="now() + interval '1 hour'")
    write(database, "quota_events", 40, expires_at="now() - interval '39 hours'")
    start(Worker, QUOTA_RETENTION="48h")
    eventually(lambda: hours_left(database, "quota_events") == [70, 40], within=20)


def test_a_row_that_somebody_holds_waits_for_the_next_time(persona, database, start):
    write(database, "events", 400, n=3)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM events WHERE event_name = 'daily_return' LIMIT 1 FOR UPDATE")
        start(Worker, EVENT_RETENTION="360h")
        eventually(lambda: hours_left(database, "events") == [400], within=20)
        holder.rollback()


@pytest.mark.parametrize("created_at", ["infinity", "4000-01-01"])
def test_times_written_by_hand_stop_nothing(persona, database, start, created_at):
    for table, (names, values) in COLUMNS.items():
        if (table, created_at) != ("persona_activity_events", "infinity"):
            database.execute(f"INSERT INTO {table} ({names}, created_at) SELECT {values}, %s "
                             "FROM generate_series(1, 700)", created_at)
        write(database, table, 3000)
    start(Worker)
    for table in COLUMNS:
        eventually(lambda: hours_left(database, table) == [], within=20)


@pytest.mark.parametrize("setting", SHORTEST)
def test_a_time_that_would_lose_what_is_read_ends_the_start(setting):
    shortest = int(SHORTEST[setting][:-1])
    done = run("worker", JWT_SECRET=JWT_SECRET, **{setting: f"{shortest - 1}h"})
    assert done.returncode != 0 and setting in done.stdout + done.stderr


def test_what_is_read_is_within_the_shortest_time(user, other, persona, database, start):
    """Feeds, weekly digests, analytics and digests that are made anew miss nothing."""
    room = user.room("go-backend")
    battle = str(database.value("INSERT INTO posts (room_id, user_id, status, content) "
                                "VALUES (%s, %s, 'PUBLISHED', 'x') RETURNING id", room.id, user.id))
    database.execute("INSERT INTO events (event_name, metadata, created_at) SELECT 'battle_shared', "
                     "jsonb_build_object('battle_id', %s::text), now() - n * interval '1 day' "
                     "FROM generate_series(0, 16) n", battle)
    for hours in range(0, 24 * 7, 12):
        write(database, "persona_activity_events", hours)
    days = database.rows("SELECT stale_digest_days(%s)", persona.id)
    sums = "SELECT day, shares FROM battle_engagement ORDER BY day"
    kept = database.rows(sums)
    start(Worker, **SHORTEST)
    eventually(lambda: database.value("SELECT max(now() - created_at) < interval '15 days 1 minute' FROM events"),
               within=20)
    database.execute("SELECT recount_events()")
    assert database.rows(sums) == kept
    assert len(database.rows("SELECT stale_digest_days(%s)", persona.id)) >= len(days)
