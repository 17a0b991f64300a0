"""Whose weekly digest is made and when.
What stands in it: test_weekly_digest.py."""
from datetime import datetime, timedelta, timezone

import pytest

from support.exposition import Page
from support.people import made, new_email
from support.statements import code_of
from support.program import Worker
from support.waiting import eventually

SCHEDULE = code_of("weekly/schedule").replace("$1", "%s")
QUICK = {"WORKER_POLL_EVERY": "200ms"}  # a turn every two seconds
HOUR = timedelta(hours=1)


@pytest.fixture
def database(database):
    """Users are due from when they sign up."""
    database.execute("ALTER TABLE users ALTER weekly_due_at SET DEFAULT now()")
    return database


def write_users(database, n, **columns):
    names = ", ".join(["email", "password_hash", *columns])
    insert = f"INSERT INTO users ({names}) VALUES (%s, 'x'{', %s' * len(columns)}) RETURNING id"
    return [database.value(insert, new_email(), *columns.values()) for _ in range(n)]


def schedule(connection, batch=100):
    """One turn: how many were due, and how many jobs it asked for."""
    row = connection.execute(SCHEDULE, [batch]).fetchone()
    return row["due"], row["enqueued"]


def due_at(database, user):
    return database.value("SELECT weekly_due_at FROM users WHERE id = %s", user)


def jobs_of(database, user):
    return database.rows("SELECT status::text, subject_date FROM jobs WHERE job_type = 'weekly_digest' "
                         "AND user_id = %s ORDER BY id", user)


def next_monday(database):
    return database.value("SELECT (this_monday() + 7)::timestamp AT TIME ZONE 'UTC'")


# ---- from sign-up to the digest ----


def test_who_signs_up_has_a_digest_soon(user, start, database):
    start(Worker, **QUICK)
    answer = eventually(lambda: (found := made(user.get("/digest/weekly"), 200)).exists and found, within=10)
    assert answer.is_current_week
    assert [job["subject_date"] for job in jobs_of(database, user.id)] == [database.value("SELECT this_monday()")]


def test_a_user_written_by_hand_is_due_too(start, database):
    (user,) = write_users(database, 1)
    start(Worker, **QUICK)
    eventually(lambda: database.count("weekly_digests", user_id=user) == 1, within=10)


def test_the_workers_hear_of_it(database, start):
    """However long they sleep."""
    write_users(database, 1)
    with database.connect() as listener:
        listener.execute("LISTEN jobs")
        start(Worker)
        assert [heard.channel for heard in listener.notifies(timeout=10, stop_after=1)] == ["jobs"]


def test_two_workers_schedule_each_user_once(database, start):
    start(Worker, **QUICK)
    start(Worker, **QUICK)
    users = write_users(database, 50)
    eventually(lambda: database.count("weekly_digests") == 50, within=20)
    assert [len(jobs_of(database, user)) for user in users] == [1] * 50


def test_turns_at_the_same_time_take_different_users(database):
    users = write_users(database, 50)
    with database.connect() as first, database.connect() as second:
        first.autocommit = False
        second.execute("SET lock_timeout = '1s'")
        assert schedule(first, batch=20) == (20, 20)
        assert schedule(second) == (30, 30)
        assert schedule(second) == (0, 0)
        first.commit()
        assert schedule(second) == (0, 0)
    assert [len(jobs_of(database, user)) for user in users] == [1] * 50


def test_a_turn_that_is_undone_loses_nobody(database):
    write_users(database, 3)
    with database.connect() as connection:
        connection.autocommit = False
        assert schedule(connection) == (3, 3)
        connection.rollback()
        assert schedule(connection) == (3, 3)


def test_a_full_batch_is_followed_at_once(database, start):
    database.execute("INSERT INTO users (email, password_hash) SELECT 'crowd' || n, 'x' FROM generate_series(1, 450) n")
    start(Worker, WORKER_POLL_EVERY="10s")
    eventually(lambda: database.count("jobs", job_type="weekly_digest") == 450, within=15)


# ---- again ----


@pytest.mark.parametrize("made_ago, is_asked",
                         [(timedelta(hours=5, minutes=59), False), (timedelta(hours=6, minutes=1), True)])
def test_a_digest_is_refreshed_after_six_hours(database, made_ago, is_asked):
    (user,) = write_users(database, 1)
    database.execute("INSERT INTO weekly_digests (user_id, week_start, updated_at) "
                     "VALUES (%s, this_monday(), now() - %s)", user, made_ago)
    with database.connect() as connection:
        assert schedule(connection) == (1, int(is_asked))
    now = database.value("SELECT now()")
    expected = min(now + 6 * HOUR if is_asked else now - made_ago + 6 * HOUR, next_monday(database))
    assert abs(due_at(database, user) - expected) < timedelta(seconds=30)


def test_nobodys_next_turn_is_after_monday(database):
    """A digest that somebody dated ahead doesn't hold the next week's up."""
    (user,) = write_users(database, 1)
    database.execute("INSERT INTO weekly_digests (user_id, week_start, updated_at) "
                     "VALUES (%s, this_monday(), now() + interval '1 year')", user)
    with database.connect() as connection:
        schedule(connection)
    assert due_at(database, user) <= next_monday(database)


def test_last_weeks_digest_is_no_reason_to_wait(database):
    (user,) = write_users(database, 1)
    database.execute("INSERT INTO weekly_digests (user_id, week_start) VALUES (%s, this_monday() - 7)", user)
    with database.connect() as connection:
        assert schedule(connection) == (1, 1)


def test_a_job_that_waits_is_not_asked_for_twice(database):
    (user,) = write_users(database, 1)
    with database.connect() as connection:
        assert schedule(connection) == (1, 1)
        database.execute("UPDATE users SET weekly_due_at = now()")
        assert schedule(connection) == (1, 0)
    assert len(jobs_of(database, user)) == 1


def test_the_next_turn_comes_when_somebody_is_due(user, database, start):
    due = database.value("UPDATE users SET weekly_due_at = now() + interval '3 seconds' RETURNING weekly_due_at")
    start(Worker, WORKER_POLL_EVERY="1h")
    eventually(lambda: database.count("weekly_digests", user_id=user.id) == 1, within=10)
    asked_at = database.value("SELECT created_at FROM jobs WHERE job_type = 'weekly_digest'")
    assert timedelta(0) <= asked_at - due < timedelta(seconds=2)


# ---- who was away ----


@pytest.mark.parametrize("last_active, is_active", [(29, True), (31, False), (None, False)])
def test_only_who_was_active_in_thirty_days_has_a_turn(database, last_active, is_active):
    active_at = last_active and datetime.now(timezone.utc) - timedelta(days=last_active)
    (user,) = write_users(database, 1, created_at=datetime.now(timezone.utc) - timedelta(days=40),
                          last_active_at=active_at)
    with database.connect() as connection:
        assert schedule(connection) == (1, int(is_active))
    assert len(jobs_of(database, user)) == int(is_active)
    assert (due_at(database, user) is not None) == is_active


def test_who_comes_back_gets_a_digest(user, database, start):
    database.execute("UPDATE users SET created_at = now() - interval '40 days', last_active_at = now() - interval "
                     "'31 days'")
    start(Worker, **QUICK)
    eventually(lambda: due_at(database, user.id) is None, within=10)
    assert jobs_of(database, user.id) == []
    assert not made(user.get("/digest/weekly"), 200).exists
    eventually(lambda: made(user.get("/digest/weekly"), 200).exists, within=10)


# ---- its worker's life ----


def test_a_worker_that_stops_schedules_nobody(user, database, start):
    worker = start(Worker, MOCK_LLM_LATENCY="5s", **QUICK)
    eventually(lambda: jobs_of(database, user.id) and jobs_of(database, user.id)[0]["status"] == "DONE", within=10)
    room = user.room("go-backend")
    post = user.publish(user.persona(), room)
    user.ask_for_replies(post)
    worker.log.wait_for("job_started", job_type="generate_reply")
    worker.interrupt()
    worker.log.wait_for("worker_stopping")
    (late,) = write_users(database, 1)
    worker.wait_for_end()
    assert jobs_of(database, late) == [] and due_at(database, late) is not None
    assert worker.log.find("job_completed", job_type="generate_reply")


def test_a_database_in_trouble_is_told_of_once_and_asked_again(user, database, launch):
    """It isn't ready meanwhile."""
    database.execute("ALTER TABLE weekly_digests RENAME TO elsewhere")
    worker = launch(Worker, **QUICK)
    worker.log.wait_for("schedule_failed", level="warn")
    tries = Page(worker.metrics()).value("db_query_duration_seconds_count", query="weekly/schedule")
    eventually(lambda: Page(worker.metrics()).value("db_query_duration_seconds_count", query="weekly/schedule") > tries,
               within=10)
    assert len(worker.log.find("schedule_failed")) == 1
    database.execute("ALTER TABLE elsewhere RENAME TO weekly_digests")
    eventually(lambda: database.count("weekly_digests", user_id=user.id) == 1, within=10)


# ---- how fresh ----


def gauge(service, kind):
    return Page(service.metrics()).value("digest_age_seconds", kind=kind)


def test_a_user_who_waits_for_the_scheduler_shows_in_the_digests_age(user, api, database):
    """With no worker there is no job that could be old."""
    database.execute("UPDATE users SET weekly_due_at = now() - interval '10 minutes'")
    eventually(lambda: 600 <= gauge(api, "weekly") < 660, within=10)
    assert gauge(api, "persona") == 0
    database.execute("UPDATE users SET weekly_due_at = now() + interval '1 hour'")
    eventually(lambda: gauge(api, "weekly") == 0, within=10)


def test_a_digest_that_nothing_will_make_shows_in_the_digests_age(user, api, persona, database):
    """Deleted, or its job failed for good: the activity is as old as it is."""
    database.execute("UPDATE users SET weekly_due_at = NULL")
    database.execute("INSERT INTO persona_activity_events (persona_id, type, created_at) "
                     "VALUES (%s, 'post_created', now() - interval '20 minutes')", persona.id)
    database.execute("UPDATE jobs SET status = 'FAILED' WHERE persona_id = %s", persona.id)
    eventually(lambda: 1200 <= gauge(api, "persona") < 1260, within=10)
    database.execute("INSERT INTO persona_digests (persona_id, date) "
                     "SELECT persona_id, (created_at AT TIME ZONE 'UTC')::date FROM persona_activity_events "
                     "WHERE persona_id = %s", persona.id)
    eventually(lambda: gauge(api, "persona") == 0, within=10)


def test_a_job_that_waits_shows_in_the_digests_age(user, api, persona, database):
    database.execute("UPDATE users SET weekly_due_at = NULL")
    database.execute("INSERT INTO jobs (job_type, user_id, created_at) "
                     "VALUES ('weekly_digest', %s, now() - interval '20 minutes')", user.id)
    database.execute("INSERT INTO jobs (job_type, persona_id, created_at) "
                     "VALUES ('persona_digest', %s, now() - interval '30 minutes')", persona.id)
    eventually(lambda: 1200 <= gauge(api, "weekly") < 1260 and 1800 <= gauge(api, "persona") < 1860, within=10)


def test_notifications_never_lag(api, worker):
    """They are committed with what they tell of."""
    assert [Page(service.metrics()).value("notification_lag_seconds") for service in (api, worker)] == [0, 0]
