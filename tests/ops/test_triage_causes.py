"""`triage` beside what slows things down or makes people strangers: real services, real faults."""
import contextlib
import datetime
import threading

import pytest

from support.drill import DrillApi
from support.exposition import Page
from support.faults import FaultProxy
from support.people import sign_up
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.redis import Redis
from support.triage import found, look, status, triage
from support.waiting import eventually

OTHER_SECRET = "another-secret-of-more-than-thirty-two-bytes"


@pytest.fixture
def database(own_database):
    return own_database


def place(service):
    return f"http://127.0.0.1:{service.port}"


def evidence(seen, id):
    return next(one["evidence"] for one in seen["findings"] if one["id"] == id)


@contextlib.contextmanager
def again_and_again(act):
    over = threading.Event()

    def ask():
        while not over.wait(0.02):
            act()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join(30)


def test_another_secret_makes_those_who_have_signed_in_strangers(database, start, well):
    api = start(Api)
    user = sign_up(api)
    fresh = start(Api, JWT_SECRET=OTHER_SECRET)
    with again_and_again(lambda: user.at(fresh).get("/notifications")):
        seen = look(sample="1s", api=place(fresh), worker=well, DATABASE_URL=database.url)
    assert found(seen)[0] == "tokens_refused"
    assert "was JWT_SECRET changed?" in evidence(seen, "tokens_refused")


def test_a_slow_way_between_the_services_and_their_database(database, well):
    """From here it is quick."""
    with FaultProxy(database.cluster.port) as way, DrillApi(way.way_to(database.url)) as api:
        way.delay = 0.15
        seen = look(sample="4s", api=place(api), worker=well, DATABASE_URL=database.url)
    assert "database_far" in found(seen) and "database_slow" not in found(seen)
    assert "a ping from here takes" in evidence(seen, "database_far")


def test_a_transaction_that_is_forgotten_and_a_clock_that_runs_ahead(well):
    """The server's clock is set on, so that the minutes needn't pass: that is seen, too."""
    now = datetime.datetime.now(datetime.timezone.utc)
    with Cluster(time=now) as cluster:
        database = prepared(cluster)
        with contextlib.closing(database.connect(application_name="a forgotten psql")) as forgetful, Api(
                database.url) as api:
            where = {"api": place(api), "worker": well, "DATABASE_URL": database.url}
            forgetful.autocommit = False
            forgetful.execute("SELECT 'a word of somebody''s' FROM posts")
            assert found(look(**where)) == []
            cluster.clock.set(now + datetime.timedelta(minutes=3))
            seen = look(**where)
            assert found(seen) == ["transaction_idle", "clocks_apart"]
            assert "(a forgotten psql) began " in evidence(seen, "transaction_idle")
            assert "word" not in evidence(seen, "transaction_idle")
            assert "behind the database" in evidence(seen, "clocks_apart")
            database.execute(f"SELECT pg_terminate_backend({forgetful.info.backend_pid})")
            assert found(look(**where)) == ["clocks_apart"]


def test_a_redis_that_died(database, well, start):
    with Redis() as redis:
        api = start(Api, REDIS_URL=redis.url)
        where = {"api": place(api), "worker": well, "DATABASE_URL": database.url}
        eventually(lambda: "rate_limit_shared 1" in api.metrics())
        assert found(look(**where)) == []
    api.client.get("/rooms")  # asks it
    eventually(lambda: found(look(**where)) == ["redis_down"])
    assert status(look(**where), "limits_not_shared") == "ok"


def test_an_api_of_another_database_is_a_warning(cluster, template, database, start, well):
    """Ready, and not of the database that this shell names: what one shows explains nothing of the
    other."""
    api = start(Api)
    where = {"api": place(api), "worker": well}
    assert found(look(DATABASE_URL=database.url, **where)) == []
    other = cluster.create(template.name)
    other.execute("UPDATE schema_migrations SET applied_at = applied_at - interval '1 second'")
    try:
        seen = look(DATABASE_URL=other.url, **where)
        assert found(seen) == ["database_elsewhere"] and seen["findings"][0]["is_warning"]
        assert "its database is another one than that in DATABASE_URL" in evidence(seen, "database_elsewhere")
        assert triage(DATABASE_URL=other.url, **where).returncode == 2
        with Api(other.url) as its:  # of two databases: that says nothing about their secret
            seen = look(DATABASE_URL=database.url, worker=well, api=[place(api), place(its)])
            assert found(seen) == ["database_elsewhere"]
    finally:
        other.drop()


def test_two_apis_with_different_secrets(database, start, well):
    one, like, other = start(Api), start(Api), start(Api, JWT_SECRET=OTHER_SECRET)
    where = {"worker": well, "DATABASE_URL": database.url}
    assert found(look(api=[place(one), place(like)], **where)) == []
    seen = look(api=[place(one), place(other)], **where)
    assert found(seen) == ["tokens_refused"]
    assert f"{place(one)} and {place(other)} sign with different secrets" in evidence(seen, "tokens_refused")


def test_the_mark_of_a_secret_is_another_one_in_another_database(cluster, template, database, start):
    """So that nobody who reads metrics can compare it with those of secrets that he tries."""
    copy = cluster.create(template.name)
    try:
        copy.execute("UPDATE schema_migrations SET applied_at = applied_at - interval '1 second'")
        with Api(copy.url) as other:
            marks = {Page(api.metrics()).value("service_secret_mark") for api in (start(Api), other)}
        assert len(marks) == 2 and all(0 < mark < 2 ** 40 for mark in marks)
        with Worker(database.url) as worker:
            assert Page(worker.metrics()).value("service_secret_mark") == 0
    finally:
        copy.drop()
