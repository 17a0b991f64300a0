"""Days and weeks end at midnight UTC by the database's clock, which is set here:
from the last seconds of a Sunday to Monday."""
from datetime import date, datetime, timedelta, timezone

import pytest

from support.people import made
from support.postgres import Cluster
from support.program import Worker, prepared
from support.waiting import eventually

MONDAY = datetime(2026, 11, 30, tzinfo=timezone.utc)
SUNDAY_NIGHT = MONDAY - timedelta(seconds=50)
QUICK = {"WORKER_POLL_EVERY": "200ms"}


@pytest.fixture(scope="module")
def cluster():
    """A server of this file's own, whose clock is set."""
    with Cluster(time=SUNDAY_NIGHT) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def template(cluster):
    return prepared(cluster)


@pytest.fixture(autouse=True)
def sunday(cluster):
    cluster.clock.set(SUNDAY_NIGHT)


@pytest.fixture
def midnight(cluster, database):
    def pass_():
        assert database.value("SELECT now()") < MONDAY, "the test took too long"
        cluster.clock.set(MONDAY + timedelta(seconds=1))

    return pass_


def digest(user, persona, which):
    answer = made(user.get(f"/personas/{persona.id}/digest/{which}"), 200)
    return answer.digest["date"], answer.digest["stats"]["posts"], answer.exists


def test_the_clock_is_the_servers_alone(database, midnight):
    assert MONDAY - timedelta(minutes=1) < database.value("SELECT now()") < MONDAY
    midnight()
    assert MONDAY < database.value("SELECT now()") < MONDAY + timedelta(minutes=1)


def test_yesterdays_activity_goes_to_yesterdays_digest(user, persona, start, midnight):
    room = user.room("go-backend")
    user.publish(persona, room)
    assert digest(user, persona, "today") == ("2026-11-29", 0, False)
    midnight()
    start(Worker, **QUICK)
    eventually(lambda: digest(user, persona, "latest") == ("2026-11-29", 1, True), within=10)
    assert digest(user, persona, "today") == ("2026-11-30", 0, False)


def test_a_running_worker_begins_a_new_day(user, persona, start, midnight):
    start(Worker, **QUICK)
    room = user.room("go-backend")
    user.publish(persona, room)
    eventually(lambda: digest(user, persona, "today") == ("2026-11-29", 1, True), within=10)
    midnight()
    assert digest(user, persona, "today") == ("2026-11-30", 0, False)
    assert digest(user, persona, "latest") == ("2026-11-29", 1, True)
    user.publish(persona, room)
    user.publish(persona, room)
    eventually(lambda: digest(user, persona, "today")[1:] in ((1, True), (2, True)), within=10)
    assert digest(user, persona, "latest")[0] == "2026-11-30"


def weekly(user):
    answer = made(user.get("/digest/weekly"), 200)
    return answer.digest["week_start"], answer.exists, answer.is_current_week


def test_on_monday_everybody_gets_a_new_weeks_digest(user, other, database, start, midnight):
    database.execute("UPDATE users SET weekly_due_at = now()")
    start(Worker, **QUICK)
    for somebody in (user, other):
        eventually(lambda: weekly(somebody) == ("2026-11-23", True, True), within=10)
    assert {row["weekly_due_at"] for row in database.rows("SELECT weekly_due_at FROM users")} == {MONDAY}
    midnight()
    for somebody in (user, other):
        eventually(lambda: weekly(somebody) == ("2026-11-30", True, True), within=10)
    weeks = database.rows("SELECT week_start, count(*) AS n FROM weekly_digests GROUP BY 1 ORDER BY 1")
    assert weeks == [{"week_start": date(2026, 11, 23), "n": 2}, {"week_start": date(2026, 11, 30), "n": 2}]


def test_without_a_worker_last_weeks_digest_is_shown_as_such(user, database, midnight):
    database.execute("INSERT INTO weekly_digests (user_id, week_start) VALUES (%s, this_monday())", user.id)
    assert weekly(user) == ("2026-11-23", True, True)
    midnight()
    assert weekly(user) == ("2026-11-23", True, False)


def test_a_job_of_last_week_makes_no_digest(user, database, start, midnight):
    job = database.value("INSERT INTO jobs (job_type, user_id) VALUES ('weekly_digest', %s) RETURNING id", user.id)
    midnight()
    start(Worker, **QUICK)
    eventually(lambda: database.value("SELECT status::text FROM jobs WHERE id = %s", job) == "DONE", within=10)
    assert database.count("weekly_digests") == 0
