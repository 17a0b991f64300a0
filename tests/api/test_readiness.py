"""Ready is who can do the work: /readyz of API and worker beside a database that can be read and not
written, or isn't what the program needs."""
import os
import signal
import time

import pytest

from support.exposition import Page
from support.faults_of_database import Cut, Setting, Standby, Statements
from support.people import sign_up
from support.ports import free_port
from support.postgres import Cluster
from support.program import Api, Worker, prepared, run
from support.relay import Relay
from support.waiting import at_once, eventually

WITHIN = 10  # a busy machine's two seconds
EVENT = {"event_name": "daily_return"}
COUNT = "db_query_duration_seconds_count"


@pytest.fixture(scope="module")
def cluster():
    """A server of this file's own, to be set and stopped."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def database(cluster):
    return prepared(cluster)


@pytest.fixture(scope="module")
def relay(cluster):
    with Relay(cluster.port) as relay:
        yield relay


@pytest.fixture(scope="module")
def url(cluster, database, relay):
    return database.url.replace(f":{cluster.port}/", f":{relay.port}/")


@pytest.fixture(scope="module")
def api(url):
    with Api(url, DB_QUERY_TIMEOUT="1s") as api:
        yield api


@pytest.fixture(scope="module", params=[Api, Worker], ids=["api", "worker"])
def service(request, api, url):
    if request.param is Api:
        yield api
    else:
        with Worker(url, WORKER_POLL_EVERY="200ms") as worker:
            yield worker


def is_ready(service):
    return service.readiness() == (200, {"ok": True})


def why_not(service):
    status, body = service.readiness()
    assert (status, body["ok"]) == (503, False)
    return body["error"]


def goes_and_comes_back(service, api, broken, reason):
    """Once `broken` (a context manager) holds, the service says why it isn't ready, and no request
    is answered 500; afterwards it is ready by itself."""
    user = sign_up(api)
    for each in (service, api):
        each.expect_errors("http_request")
    with broken:
        eventually(lambda: why_not(service) == reason, WITHIN)
        assert Page(service.metrics()).value("service_ready") == 0
        assert service.client.get("/healthz").json() == {"ok": True}
        answers = at_once(lambda: user.get("/rooms"), lambda: user.get("/notifications"),
                          lambda: user.put("/me", json={"language": "tr"}), lambda: user.post("/events", json=EVENT),
                          lambda: api.client.post("/auth/login", json={"email": user.email, "password": user.password}))
        assert 500 not in [answer.status_code for answer in answers], [answer.text for answer in answers]
    eventually(lambda: is_ready(service) and is_ready(api), WITHIN)
    assert service.log.find("not_ready", error=reason)
    eventually(lambda: user.post("/events", json=EVENT).status_code == 202)  # each thread has its connections


def test_a_database_that_is_set_to_read_only(service, api, cluster):
    goes_and_comes_back(service, api, Setting(cluster, "default_transaction_read_only", "on"),
                        "database is read-only: default_transaction_read_only is on")


def test_a_standby(service, api, cluster):
    goes_and_comes_back(service, api, Standby(cluster), "database is read-only: the server is a standby")


def test_connections_for_writes_that_are_all_cut(service, api, relay):
    goes_and_comes_back(service, api, Cut(relay), "database can't be written: connection closed by the server")


def test_commits_that_wait_for_a_standby_that_is_away(service, api, cluster):
    goes_and_comes_back(service, api, Setting(cluster, "synchronous_standby_names", "'nobody'"),
                        "database can't be written: no commit in time")


@pytest.mark.parametrize("there, back, reason", [
    ("ALTER TABLE notifications RENAME read_at TO seen_at", "ALTER TABLE notifications RENAME seen_at TO read_at",
     "no column notifications.read_at"),
    ("ALTER TABLE jobs RENAME TO work", "ALTER TABLE work RENAME TO jobs", "no table jobs"),
    ("ALTER TABLE events RENAME client TO a; ALTER TABLE events RENAME metadata TO b",
     "ALTER TABLE events RENAME a TO client; ALTER TABLE events RENAME b TO metadata",
     "no column events.client and 1 more"),
])
def test_a_schema_without_what_the_program_needs(service, api, database, there, back, reason):
    goes_and_comes_back(service, api, Statements(database, there, back), f"schema is damaged: {reason}")


def test_rights_that_are_gone(service, api, database):
    role = f"personaworlds_{service.subcommand}"
    right = {"api": "select on rooms", "worker": "update on sessions"}[service.subcommand]
    back = right if service.subcommand == "api" else "update (last_seen_at) on sessions"
    goes_and_comes_back(service, api, Statements(database, f"REVOKE {back} FROM {role}", f"GRANT {back} TO {role}"),
                        f"missing rights: no {right}")


def test_a_queue_that_cannot_be_claimed(url, database, start):
    worker = start(Worker, url, WORKER_POLL_EVERY="200ms")
    worker.expect_errors("http_request")
    with Statements(database, "ALTER TABLE jobs ADD CONSTRAINT no_lease CHECK (lease_until IS NULL) NOT VALID",
                    "ALTER TABLE jobs DROP CONSTRAINT no_lease"):
        database.execute("INSERT INTO jobs (job_type) VALUES ('persona_digest')")
        eventually(lambda: why_not(worker) == "queue can't be claimed: the claim fails", WITHIN)
    eventually(lambda: is_ready(worker), WITHIN)


def test_a_worker_that_hears_nothing(database):
    """The way past the pooler leads nowhere. What is due is found by the poll."""
    worker = Worker(database.url, DB_POOLER="transaction",
                    DATABASE_DIRECT_URL=f"postgres://postgres@127.0.0.1:{free_port()}/x").launch()
    try:
        worker.log.wait_for("not_ready", error="not listening: jobs start by the poll alone")
        worker.expect_errors("http_request")
        assert why_not(worker) == "not listening: jobs start by the poll alone"
        assert Page(worker.metrics()).value("db_listening") == 0
    finally:
        worker.stop()


def test_a_listening_session_that_stands_still_is_left(api, database, cluster):
    """Its connection stays open, and the network tells nobody."""
    def listeners():
        return [row["pid"] for row in database.rows("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' "
                                                    "AND datname = current_database()")]

    eventually(lambda: len(listeners()) == 1, WITHIN)
    (pid,) = listeners()
    os.kill(pid, signal.SIGSTOP)
    try:
        api.log.wait_for("db_connection_lost", error="timed out: the listening session doesn't answer", within=20)
        eventually(lambda: len(listeners()) == 2, WITHIN)
        eventually(lambda: Page(api.metrics()).value("db_listening") == 1, WITHIN)
    finally:
        os.kill(pid, signal.SIGCONT)


def test_asking_costs_the_database_nothing(service, database):
    """All who ask get what the last look found."""
    name = "db_query_duration_seconds_count"
    before, began = Page(service.metrics()).value(name, query="health/ready"), time.monotonic()
    for _ in range(300):
        assert is_ready(service)
    looks = Page(service.metrics()).value(name, query="health/ready") - before
    assert looks <= (time.monotonic() - began) / 0.4 + 2


def test_one_commit_that_hangs_is_nobodys_trouble(url, database, start):
    """A write that waits for a lock holds up those behind it on its connection alone."""
    api = start(Api, url, API_THREADS=1)
    user, seen = sign_up(api), len(api.log.find("not_ready"))

    def watch():
        eventually(lambda: database.waiting_for_locks() == 1)
        began = time.monotonic()
        while time.monotonic() < began + 2.5:
            assert is_ready(api)
        holder.rollback()

    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM users WHERE id = %s FOR UPDATE", [user.id])
        changed, _ = at_once(lambda: user.put("/me", json={"language": "tr"}), watch)
    assert changed.status_code == 200 and len(api.log.find("not_ready")) == seen


@pytest.mark.parametrize("size", [1, 2])
def test_with_few_connections_a_write_that_waits_is_nobodys_trouble(url, database, start, size):
    """Commits that prove something have a connection of their own."""
    api = start(Api, url, API_THREADS=1, DB_POOL_SIZE=size)
    user, seen = sign_up(api), len(api.log.find("not_ready"))

    def watch():
        eventually(lambda: database.waiting_for_locks() == 1)
        looks = Page(api.metrics()).value(COUNT, query="health/commit")
        eventually(lambda: Page(api.metrics()).value(COUNT, query="health/commit") >= looks + 3, within=20)
        assert is_ready(api)
        holder.rollback()

    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM users WHERE id = %s FOR UPDATE", [user.id])
        changed, _ = at_once(lambda: user.put("/me", json={"language": "tr"}), watch)
    assert changed.status_code == 200 and len(api.log.find("not_ready")) == seen


def test_commits_that_hang_are_one(url, cluster, database, start):
    """An idle process asks once, and waits for that answer."""
    api = start(Api, url, API_THREADS=1)
    api.expect_errors("http_request")
    with Setting(cluster, "synchronous_standby_names", "'nobody'"):
        eventually(lambda: why_not(api) == "database can't be written: no commit in time", WITHIN)
        looks = Page(api.metrics()).value(COUNT, query="health/ready")
        eventually(lambda: Page(api.metrics()).value(COUNT, query="health/ready") >= looks + 3, within=20)
        assert database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' "
                              "AND application_name = 'personaworlds api' AND query LIKE '%pg_logical_emit_message%'"
                              ) <= len(Api.alive)
    eventually(lambda: is_ready(api), WITHIN)


@pytest.mark.parametrize("sqlstate, reason", [("53100", "the server's disk is full"),
                                              ("53200", "the server is out of memory")])
def test_a_server_without_room_is_named(cluster, start, sqlstate, reason):
    """Stands in front of the function that writes the log."""
    database = cluster.create()
    assert run("migrate", DATABASE_URL=database.url).returncode == 0
    api = start(Api, database.url, API_THREADS=1)
    api.expect_errors("http_request")
    database.execute(f"""
        CREATE SCHEMA full_disk;
        GRANT USAGE ON SCHEMA full_disk TO public;
        CREATE FUNCTION full_disk.pg_logical_emit_message(boolean, text, text) RETURNS pg_lsn LANGUAGE plpgsql AS $$
        BEGIN RAISE SQLSTATE '{sqlstate}' USING MESSAGE = 'no room'; END $$;
        ALTER DATABASE {database.name} SET search_path = full_disk, pg_catalog, public""")
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                     "AND pid <> pg_backend_pid()")
    eventually(lambda: why_not(api) == f"database can't be written: {reason}", WITHIN)
    database.execute("DROP FUNCTION full_disk.pg_logical_emit_message")
    eventually(lambda: is_ready(api), WITHIN)
