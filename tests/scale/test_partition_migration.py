"""Tables that grow for ever get their partitions on much data while people write, and what that costs
them: then, and afterwards. Prints what it measured."""
import http.client
import json
import statistics
import threading
import time
from collections import Counter

import pytest

from support.people import new_room, sign_up
from support.postgres import Cluster
from support.program import Api, prepared, release_binary, run
from support.release_before import release_before
from support.waiting import eventually

pytestmark = [pytest.mark.scale, pytest.mark.timeout(600)]
TABLES = ["events", "persona_activity_events", "quota_events", "notifications"]
A_SECOND, CLIENTS = 200, 16
LONGEST_MS, DROP_MS, LEAST_RATE = 500, 50, 0.95
DAYS, ROWS_A_DAY = 5, 100_000  # that are dropped
ROUNDS, TURN = 20, 0.5
# Ninety days of a thousand people: triggers are left out, which count and ask for digests.
MUCH = """
    SET session_replication_role = replica;
    INSERT INTO users (id, email, password_hash)
    SELECT md5('u' || n)::uuid, 'u' || n || '@many.example', 'x' FROM generate_series(0, 999) n;
    INSERT INTO personas (id, user_id, name)
    SELECT md5('p' || n)::uuid, md5('u' || n)::uuid, 'p' || n FROM generate_series(0, 999) n;
    INSERT INTO events (event_name, user_id, created_at)
    SELECT 'daily_return', md5('u' || n % 1000)::uuid, now() - (1000000 - n) * interval '7.7 seconds'
    FROM generate_series(1, 1000000) n;
    INSERT INTO persona_activity_events (type, persona_id, metadata, created_at)
    SELECT 'post_created', md5('p' || n % 1000)::uuid, jsonb_build_object('post_preview', repeat('x', 200)),
           now() - (400000 - n) * interval '19 seconds' FROM generate_series(1, 400000) n;
    INSERT INTO quota_events (quota_type, persona_id, user_id, created_at)
    SELECT 'reply', md5('p' || n % 1000)::uuid, md5('u' || n % 1000)::uuid, now() - (100000 - n) * interval '6 seconds'
    FROM generate_series(1, 100000) n;
    INSERT INTO notifications (type, title, user_id, actor_user_id, created_at)
    SELECT 'template_used', 'x', md5('u' || n % 1000)::uuid, md5('u' || n % 7)::uuid,
           now() - (200000 - n) * interval '38 seconds' FROM generate_series(1, 200000) n"""


class Writers:
    """People who write events, drafts and marks of what they read, or without a room events alone:
    at a steady rate, or without a pause."""

    def __init__(self, api, user, room=None, a_second=A_SECOND, clients=CLIENTS):
        self.port, self.a_second, self.clients = api.port, a_second, clients
        headers = {"Authorization": f"Bearer {user.token}", "Content-Type": "application/json"}
        self.kinds = [("/events", {"event_name": "daily_return"}, 202)]
        if room:
            persona = user.persona(daily_draft_quota=10_000).id
            self.kinds += [("/notifications/read-all", None, 200), *self.kinds,
                           (f"/rooms/{room.id}/posts/draft", {"persona_id": persona}, 201)]
        self.headers, self.took_ms, self.failed, self.events = headers, [], [], 0
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(clients)]

    def _write(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        began, asked = time.monotonic() + number / (self.a_second or 1e9), 0
        while not self._ended.is_set():
            if self.a_second and self._ended.wait(
                    max(began + asked * self.clients / self.a_second - time.monotonic(), 0)):
                break
            path, body, wanted = self.kinds[(asked + number) % len(self.kinds)]
            asked += 1
            sent = time.monotonic()
            try:
                connection.request("POST", path, json.dumps(body) if body else None, self.headers)
                answer = connection.getresponse()
                told = answer.read()
                if answer.status != wanted:
                    self.failed.append((path, answer.status, told))
                elif path == "/events":
                    self.events += 1
            except (OSError, http.client.HTTPException) as error:
                self.failed.append((path, repr(error)))
                connection.close()
            self.took_ms.append((time.monotonic() - sent) * 1000)
        connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    with release_before(tmp_path_factory.mktemp("before")) as program:
        yield program


@pytest.fixture(scope="module")
def cluster():
    with Cluster(shared_buffers="256MB", max_wal_size="2GB") as cluster:
        yield cluster


@pytest.fixture(scope="module")
def old(cluster, before):
    database = prepared(cluster, program=before)
    database.execute(MUCH)
    database.execute("VACUUM ANALYZE")
    return database


@pytest.fixture(scope="module")
def database(cluster, old):
    return cluster.create(old.name)


def counted(database):
    return database.value("SELECT sum(events) FROM event_counts WHERE event_name = 'daily_return'") or 0


def test_people_write_meanwhile_and_no_request_fails_or_takes_long(database, before, start):
    api = start(Api, program=before)
    user, room = sign_up(api), new_room(database)
    there = database.count("events", event_name="daily_return")
    with Writers(api, user, room) as writers:
        eventually(lambda: len(writers.took_ms) > 2 * A_SECOND, within=30)
        began, sent = time.monotonic(), len(writers.took_ms)
        done = run("migrate", program=release_binary(), DATABASE_URL=database.url)
        took, meanwhile = time.monotonic() - began, len(writers.took_ms) - sent
        assert done.returncode == 0, done.stderr
        eventually(lambda: len(writers.took_ms) > sent + meanwhile + 2 * A_SECOND, within=30)
    took_ms = sorted(writers.took_ms)
    print(f"migrated in {took:.1f} s; {len(took_ms)} requests, {meanwhile} of them then: {len(writers.failed)} failed, "
          f"p50 {statistics.median(took_ms):.1f}, p99 {took_ms[-len(took_ms) // 100]:.1f}, max {took_ms[-1]:.1f} ms")
    assert writers.failed == [] and took_ms[-1] < LONGEST_MS
    assert meanwhile > 0.8 * took * A_SECOND
    kinds = {database.value("SELECT relkind FROM pg_class WHERE oid = %s::regclass", table) for table in TABLES}
    assert kinds == {"p"}
    assert database.count("events", event_name="daily_return") - there == writers.events == counted(database)
    database.execute("INSERT INTO events (event_name) VALUES ('daily_return'), ('daily_return')")
    assert counted(database) == writers.events + 2, "rows that are written by hand count, too"


def test_a_day_is_dropped_at_once(database, start):
    """While people write, and all rows from before with it."""
    for n in range(20, 20 + DAYS):
        day = database.value("SELECT date_trunc('day', now(), 'UTC') + %s * interval '1 day'", n)
        database.execute("SELECT make_partition('events', %s)", day)
        database.execute("INSERT INTO events (event_name, created_at) SELECT 'daily_return', %s "
                         "FROM generate_series(1, %s)", day, ROWS_A_DAY)
    api = start(Api, program=release_binary())
    took_ms = []
    with Writers(api, sign_up(api), new_room(database)) as writers, database.connect() as connection:
        eventually(lambda: len(writers.took_ms) > A_SECOND, within=30)
        while (left := parts_with_bounds(connection)) > 0:
            began = time.monotonic()
            connection.execute("SELECT * FROM forget_rows('events', -27 * 86400000::bigint, 500, 0)")
            took = (time.monotonic() - began) * 1000
            took_ms += [took] if parts_with_bounds(connection) < left else []
        sent = len(writers.took_ms)
        eventually(lambda: len(writers.took_ms) > sent + A_SECOND, within=30)
    print(f"partitions dropped in {', '.join(f'{ms:.1f}' for ms in took_ms)} ms, the first of all rows before, others "
          f"of {ROWS_A_DAY}; the longest request meanwhile took {max(writers.took_ms):.1f} ms")
    assert writers.failed == [] and max(writers.took_ms) < LONGEST_MS
    assert len(took_ms) == DAYS + 1 and statistics.median(took_ms) < DROP_MS


def parts_with_bounds(connection):
    found = connection.execute("SELECT count(*) AS n FROM partitions_of('events') WHERE ends IS NOT NULL")
    return found.fetchone()["n"]


def test_events_are_written_as_fast_as_before(cluster, old, start, before):
    """In turns, as the machine has faster and slower moments, and by two APIs each, as one differs from the next of
    the same program by a tenth."""
    partitioned = cluster.create(old.name)
    assert run("migrate", program=release_binary(), DATABASE_URL=partitioned.url).returncode == 0
    make_days(partitioned, 90)
    sides = [(old, before), (partitioned, release_binary()), (partitioned, release_binary()), (old, before)]
    apis = [(database, start(Api, database.url, program=program)) for database, program in sides]
    users = [sign_up(api) for _, api in apis]
    written = Counter()
    for _ in range(ROUNDS):
        for (database, api), user in zip(apis, users):
            written[database] += events_in_a_turn(api, user)
    print(f"{written[partitioned] / written[old]:.3f} of the events that were written before, in the same time")
    assert written[partitioned] / written[old] >= LEAST_RATE


def events_in_a_turn(api, user):
    with Writers(api, user, a_second=None, clients=4) as writers:
        began = time.monotonic()
        eventually(lambda: time.monotonic() > began + TURN)
    assert writers.failed == []
    return writers.events


def make_days(database, n):
    """Of the coming days, as there would be of the past."""
    for ahead in range(20, 20 + n):
        database.execute("SELECT make_partition('events', date_trunc('day', now(), 'UTC') + %s * interval '1 day')",
                         ahead)
