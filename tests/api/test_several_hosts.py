"""DATABASE_URL with several servers, of which some are of no use: each costs a second at most, and
the one that takes changes is found. With PERSONAWORLDS_LONG=1 times are held as promised."""
import os
import time

import pytest

from support.dead_servers import BlackHole, Refusing, Silent
from support.faults_of_database import Setting
from support.names import names
from support.people import sign_up
from support.postgres import Cluster, Database
from support.program import Api, Worker, prepared, run
from support.waiting import at_once, eventually

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
READY_WITHIN = 3 if LONG else 12
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'personaworlds api'"


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def database(cluster):
    return prepared(cluster)


@pytest.fixture(scope="module")
def standby(cluster, database):
    with Cluster(standby_of=cluster) as standby:
        yield standby


def ready_after(launch, kind, url, **settings):
    """Launches the service; the seconds until it is ready."""
    began = time.monotonic()
    service = launch(kind, url, **settings)
    eventually(service.is_ready, within=30)
    return service, time.monotonic() - began


@pytest.mark.parametrize("kind, first", [(Api, Refusing), (Api, BlackHole), (Worker, Silent)])
def test_a_first_server_that_is_of_no_use_is_passed_over(launch, database, kind, first):
    with first() as dead:
        service, seconds = ready_after(launch, kind, database.among(dead.port, None))
        print(f"{kind.subcommand}, {first.__name__}: ready after {seconds:.2f} s")
        assert seconds < READY_WITHIN
        if LONG:  # a busy machine may take its second to connect anywhere
            assert not service.log.find("db_connection_lost")  # where another server stands in there is no outage
        if first is not Refusing:
            assert seconds > 1  # it had its second


def test_two_silent_servers_cost_a_second_each(launch, database):
    with Silent() as one, BlackHole() as two:
        service, seconds = ready_after(launch, Api, database.among(one.port, two.port, None))
        assert 2 < seconds < READY_WITHIN + 1
        assert sign_up(service).get("/rooms").status_code == 200


@pytest.mark.parametrize("wanted", ["", "&target_session_attrs=read-write"])
def test_a_standby_is_passed_over(launch, database, standby, wanted):
    """By all connections, those for reads and the one that listens too."""
    api = launch(Api, database.among(standby.port, None, wanted=wanted))
    eventually(api.is_ready, within=15)
    user = sign_up(api)
    assert user.get("/rooms").status_code == user.put("/me", json={"language": "tr"}).status_code == 200
    assert database.value(SESSIONS) >= 10
    assert Database(standby, database.name).value(SESSIONS) == 0


def test_without_a_server_that_takes_changes_it_says_so(launch, database, standby):
    api = launch(Api, database.among(standby.port, standby.port))
    api.expect_errors("http_request")
    api.log.wait_for("not_ready", error="database ping failed: the server is a standby")


def test_however_many_connections_look_for_a_server_few_log_in(launch, database, standby):
    """A login costs a server milliseconds; each kind of connection asks five times a second."""
    here = Database(standby, database.name)
    logins = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
    api = launch(Api, database.among(standby.port, standby.port), DB_POOL_SIZE=16, API_THREADS=4)
    api.log.wait_for("not_ready")  # after the first round of all
    began, before = time.monotonic(), here.value(logins)
    eventually(lambda: time.monotonic() > began + 2)
    assert 2 < here.value(logins) - before < 40 * (time.monotonic() - began)


def test_names_that_take_long_hold_up_nobody(launch, database):
    """Neither the loop, nor the server behind the next name; the late answer is used later."""
    url = database.among(None, None).replace("127.0.0.1", "slow.test", 1).replace("127.0.0.1", "quick.test", 1)
    api = launch(Api, url, **names(slow_test=(60, "127.0.0.1"), quick_test=(0, "127.0.0.1")))
    began = time.monotonic()
    api.log.wait_for("api_listening")
    while not api.is_ready():
        asked = time.monotonic()
        assert api.client.get("/healthz").status_code == 200
        assert time.monotonic() - asked < 5
        assert time.monotonic() - began < READY_WITHIN
    api.stop()
    assert time.monotonic() - began < 40  # nobody waits for the lookup


def test_a_name_that_is_found_late_is_known_the_next_time(launch, database):
    url = database.url.replace("127.0.0.1", "late.test")
    api, seconds = ready_after(launch, Api, url, **names(late_test=(3.5, "127.0.0.1")))
    assert 3.5 < seconds < 15


def test_each_address_of_a_name_is_tried(launch, database, cluster):
    with Silent("127.0.0.2", cluster.port):
        api, seconds = ready_after(launch, Api, database.url.replace("127.0.0.1", "db.test"),
                                   **names(db_test=(0, "127.0.0.3", "127.0.0.2", "127.0.0.1")))
        assert 1 < seconds < READY_WITHIN


def test_commands_find_the_server_too(database):
    with Silent() as dead:
        began = time.monotonic()
        done = run("migrate", "--status", DATABASE_URL=database.among(dead.port, None))
        assert done.returncode == 0, done.stderr
        assert time.monotonic() - began < READY_WITHIN


def test_a_command_that_changes_something_passes_a_standby_over(database, standby):
    url = database.among(standby.port, None)
    done = run("settings", "set", "llm.max_concurrency", "3", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert database.value("SELECT value FROM settings WHERE key = 'llm.max_concurrency'") == "3"
    assert run("settings", "unset", "llm.max_concurrency", DATABASE_URL=url).returncode == 0


def test_a_commit_that_no_standby_confirmed_is_not_known(launch, database, cluster):
    """Whoever cancels its wait; the words of the warning are in the server's language."""
    api = launch(Api, database.url)
    eventually(api.is_ready, within=15)
    api.expect_errors("http_request")
    user = sign_up(api)
    waiting = ("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database() "
               "AND query NOT LIKE '%%pg_logical_emit_message%%' AND query LIKE '%%UPDATE users%%'")

    def cancel():
        (row,) = eventually(lambda: database.rows(waiting))
        assert database.value("SELECT pg_cancel_backend(%s)", row["pid"])

    with Setting(cluster, "synchronous_standby_names", "'nobody'"):
        eventually(lambda: database.value("SHOW synchronous_standby_names") == "nobody")
        answer, _ = at_once(lambda: user.put("/me", json={"language": "tr"}), cancel)
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
    assert "Retry-After" not in answer.headers
    assert database.value("SELECT language FROM users WHERE id = %s", user.id) == "tr"
    assert api.log.find("commit_unconfirmed")
    eventually(api.is_ready, within=10)
    assert user.put("/me", json={"language": "en"}).status_code == 200
