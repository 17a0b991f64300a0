"""The end of an account: at once for its owner, and then row by row until nothing is left, whatever
ends the worker on the way."""
import time

import pytest

from support import tokens
from support.everything import ALL, IDS, a_busy_person, found
from support.people import new_email, new_room, sign_up
from support.program import Api, Worker
from support.sessions import is_in, log_in
from support.waiting import eventually

pytestmark = pytest.mark.long

# Where each statement of an erasure deletes first, and last.
TABLES = ["posts", "replies", "jobs", "thread_summaries", "notifications", "events", "sessions", "persona_follows",
          "persona_activity_events", "quota_events", "persona_digests", "template_usage", "personas", "templates",
          "persona_public_profiles", "weekly_digests", "account_deletions", "users"]


@pytest.fixture
def database(own_database):
    return own_database


@pytest.fixture
def api(database):
    with Api(database.url) as api:
        yield api


def delete(user, password=None):
    return user.request("DELETE", "/me", json={"password": password or user.password})


def is_gone(database, user):
    return database.count("users", id=user.id) == 0


def test_an_account_is_deleted_with_its_password_alone(api, database):
    user = sign_up(api)
    for body in ({}, {"password": "wrong"}, {"password": ""}):
        answer = user.request("DELETE", "/me", json=body)
        assert (answer.status_code, answer.json()["error"]) == (403, "wrong password")
    assert is_in(user) and database.count("account_deletions") == 0
    answer = delete(user)
    assert (answer.status_code, answer.json()) == (202, {"deleting": True})


def test_from_then_on_nobody_gets_in_anywhere(api, database, start):
    """Without a worker: what is refused isn't deleted yet."""
    user, friend, second = sign_up(api), sign_up(api), start(Api)
    again, before = log_in(user), user.at(api)
    before.token = tokens.token(tokens.claims_for(user.id))
    slug = user.post(f"/personas/{user.persona().id}/publish-profile", json={}).json()["slug"]
    assert is_in(user.at(second)) and delete(user).status_code == 202
    asked = time.monotonic()
    for person in (user, again, before):
        assert not is_in(person)
        eventually(lambda: not is_in(person.at(second)), pause=0.01)
    assert time.monotonic() - asked < 5  # a second is the promise; a busy machine gets some more
    assert not is_in(user.at(start(Api)))
    assert api.client.post("/auth/login", json={"email": user.email, "password": user.password}).status_code == 401
    eventually(lambda: friend.get(f"/p/{slug}").status_code == 404)
    assert delete(user).status_code == 401
    assert not is_gone(database, user)
    assert is_in(sign_up(api, user.email)), "the address is free"


def test_nothing_of_an_account_is_left_in_any_table(api, database, start):
    person, stranger, needles = a_busy_person(api, database)
    there = found(database, ALL, *needles)
    has_users_rows = {row["table"] for row in database.rows(
        "SELECT DISTINCT conrelid::regclass::text AS table FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
        "AND confrelid IN ('users'::regclass, 'personas'::regclass, 'posts'::regclass, 'templates'::regclass)")}
    untouched = has_users_rows - {place.split(".")[0] for place in there}
    assert untouched == {"account_deletions"}, "each table that may have rows of a user has some here"
    theirs = found(database, IDS, stranger.id)
    assert delete(person).status_code == 202
    start(Worker)
    eventually(lambda: is_gone(database, person), within=20)
    assert found(database, ALL, person.id, person.email) == {}
    assert found(database, IDS, *needles) == {}
    after = found(database, IDS, stranger.id)
    kept = {"posts.user_id", "personas.user_id", "events.user_id", "replies.user_id", "sessions.user_id"}
    assert {place: after[place] for place in kept} == {place: theirs[place] for place in kept}
    assert is_in(stranger) and not is_in(person)
    assert database.value("SELECT count(*) FROM posts WHERE user_id = %s AND template_id IS NULL", stranger.id) == 2


@pytest.mark.parametrize("table", TABLES)
def test_a_worker_that_is_killed_at_any_step_is_no_loss(api, database, start, table):
    """It is stopped in the middle of deleting from the table, and killed there."""
    person, _, needles = a_busy_person(api, database)
    with database.connect() as gate:
        gate.execute("SELECT pg_advisory_lock(7)")
        database.execute("""
            CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock_shared(7);
                RETURN coalesce(OLD, NEW);
            END $$""")
        database.execute(f"CREATE TRIGGER gate BEFORE DELETE ON {table} FOR EACH ROW "
                         "EXECUTE FUNCTION wait_at_the_gate()")
        assert delete(person).status_code == 202
        worker = Worker(database.url, DB_QUERY_TIMEOUT="60s").start()
        eventually(lambda: database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                                          "AND objid = 7"), within=20)
        worker.kill()
        assert not is_gone(database, person)
    database.execute(f"DROP TRIGGER gate ON {table}")
    start(Worker)
    eventually(lambda: is_gone(database, person), within=20)
    assert found(database, ALL, person.id) == {} and found(database, IDS, *needles) == {}


def test_two_workers_share_the_accounts(api, database, start):
    people = [a_busy_person(api, database)[0] for _ in range(4)]
    for person in people:
        assert delete(person).status_code == 202
    for _ in range(2):
        start(Worker)
    eventually(lambda: all(is_gone(database, person) for person in people), within=30)
    assert found(database, ALL, *(person.id for person in people)) == {}


def test_a_thread_of_thousands_goes_in_batches(api, database, start):
    """More replies and jobs than a batch has, below one post."""
    person, stranger = sign_up(api), sign_up(api)
    post = person.publish(person.persona(), new_room(database), "Tabs or spaces?")
    database.execute("INSERT INTO replies (post_id, user_id, content) SELECT %s, %s, 'No.' "
                     "FROM generate_series(1, 4001)", post.id, stranger.id)
    database.execute("INSERT INTO jobs (job_type, post_id, status) SELECT 'generate_reply', %s, 'DONE' "
                     "FROM generate_series(1, 4001)", post.id)
    delete(person)
    start(Worker)
    eventually(lambda: is_gone(database, person), within=30)
    assert database.count("replies") == database.count("jobs", post_id=post.id) == 0


def test_a_job_that_runs_is_waited_for(api, database, start):
    """Its worker waits for the post's row, so the erasure must not wait for the job's."""
    person = sign_up(api)
    post = person.publish(person.persona(), new_room(database), "Tabs or spaces?")
    database.execute("INSERT INTO jobs (job_type, post_id, status, locked_at) VALUES ('x', %s, 'DONE', now())", post.id)
    with database.connect() as connection, connection.transaction():
        connection.execute("SELECT FROM jobs WHERE post_id = %s AND job_type = 'x' FOR UPDATE", [post.id])
        delete(person)
        worker = start(Worker)
        eventually(lambda: database.count("sessions", user_id=person.id) == 0)
        assert database.count("posts", id=post.id) == 1 and not worker.log.find("erasure_failed")
    eventually(lambda: is_gone(database, person), within=20)
    assert new_email() != person.email
