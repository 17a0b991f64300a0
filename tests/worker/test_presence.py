"""A worker that is gone is missed at once: its jobs need not wait for their leases.
One that is there keeps its jobs, whatever its session does."""
import pathlib
import signal
import time

import pytest

from support.faults import FaultProxy
from support.people import sign_up
from support.plans import rows_read
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.queue import job_of, replied_once, spread_jobs, unfinished, workers_present, write_job
from support.waiting import eventually

SLOW = {"MOCK_LLM_LATENCY": "1500ms"}
LISTENERS = ("SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
             "AND query LIKE '%%pg_advisory_lock%%' AND pid <> pg_backend_pid()")


def missing(database):
    return database.count("workers") - database.value("SELECT count(*) FROM workers WHERE missing_since IS NULL")


def test_the_jobs_of_a_killed_worker_run_again_at_once(user, database, start):
    """Its leases have 29 s to go. Within a second is the promise;
    sanitizers and a busy machine get some more."""
    heir = start(Worker)
    victim = Worker(database.url, WORKER_TASK_TIMEOUT="14s", MOCK_LLM_LATENCY="12s").start()
    eventually(lambda: workers_present(database) == 2)
    heir.interrupt(signal.SIGSTOP)
    spread_jobs(database, user, 5)
    database.execute("NOTIFY jobs")
    victim.log.wait_for("job_started", count=5)
    heir.interrupt(signal.SIGCONT)
    victim.kill()
    killed = time.monotonic()
    eventually(lambda: unfinished(database) == 0, within=20)
    assert time.monotonic() - killed < 14
    assert database.rows("SELECT DISTINCT status::text, attempts FROM jobs WHERE job_type = 'generate_reply'") == [
        {"status": "DONE", "attempts": 2}]
    assert sum(line["leases"] for line in heir.log.find("worker_vanished")) == 5
    assert len(heir.log.find("job_lease_expired")) == 5


def test_nobody_gone_no_job_read(database):
    """Whatever the planner believes: very many rows may have died among the leases."""
    for _ in range(20):
        write_job(database, type="knit_sweater", status="PROCESSING", locked_at="now", lease_until="tomorrow",
                  worker_id=1)
    with database.connect() as connection:
        connection.execute("SET enable_nestloop = off")
        assert rows_read(connection, "workers/vanished", 2, 300, 0) == 0


def test_a_worker_that_starts_again_finds_its_own_jobs(user, post, persona, database, start):
    """Once it has been there for so long that another one would have come back."""
    victim = Worker(database.url, MOCK_LLM_LATENCY="12s").start()
    user.ask_for_replies(post, persona)
    victim.log.wait_for("job_started")
    victim.kill()
    start(Worker)
    eventually(lambda: job_of(database, post)["status"] == "DONE", within=12)
    assert job_of(database, post)["attempts"] == 2
    assert replied_once(database, post, persona)


def test_a_session_that_breaks_costs_no_job(user, post, persona, database, start):
    """The worker is back before anybody misses it."""
    workers = [start(Worker, **SLOW) for _ in range(2)]
    eventually(lambda: workers_present(database) == 2)
    user.ask_for_replies(post, persona)
    eventually(lambda: any(worker.log.find("job_started") for worker in workers))
    for row in database.rows(LISTENERS):
        database.execute("SELECT pg_terminate_backend(%s)", row["pid"])
    eventually(lambda: workers_present(database) == 2)
    eventually(lambda: job_of(database, post)["status"] == "DONE")
    assert job_of(database, post)["attempts"] == 1
    assert not any(worker.log.find("worker_vanished") for worker in workers)


def test_a_process_that_stands_still_keeps_its_lease(user, post, persona, database, start):
    """Its session is there: nobody can know that it won't go on."""
    start(Worker)
    sleeper = Worker(database.url, **SLOW).start()
    eventually(lambda: workers_present(database) == 2)
    write_job(database, post=post, persona=persona, status="PROCESSING", lease_until="2100-01-01T00:00:00Z",
              worker_id=database.value("SELECT id FROM workers ORDER BY appeared_at DESC LIMIT 1"))
    sleeper.interrupt(signal.SIGSTOP)
    witness = write_job(database, type="knit_sweater", worker_id=1, status="PROCESSING",
                        lease_until="2100-01-01T00:00:00Z")
    database.execute("INSERT INTO workers (id, name, missing_since) VALUES (1, 'long gone', now())")
    try:
        eventually(lambda: database.value("SELECT status FROM jobs WHERE id = %s", witness) == "FAILED")
        assert missing(database) == 1
        assert job_of(database, post)["lease_until"].year == 2100
    finally:
        sleeper.interrupt(signal.SIGCONT)
        sleeper.kill()
        database.execute("DELETE FROM jobs")


def unread(port):
    """Whether something from this loopback port has come that its reader hasn't read."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(int(row[2].split(":")[1], 16) == port and int(row[4].split(":")[1], 16) > 0 for row in rows)


def test_a_session_reset_behind_unread_notifications_is_noticed(cluster, database, start):
    """A worker stands still, is notified, and then cut off:
    when it goes on it reads what came, and then that the session is over."""
    with FaultProxy(cluster.port) as proxy:
        sleeper = start(Worker, proxy.way_to(database.url))
        eventually(lambda: workers_present(database) == 1)
        sleeper.interrupt(signal.SIGSTOP)
        try:
            database.execute("NOTIFY jobs")
            eventually(lambda: unread(proxy.port))
            proxy.cut()
            eventually(lambda: workers_present(database) == 0)
        finally:
            sleeper.interrupt(signal.SIGCONT)
        eventually(lambda: workers_present(database) == 1)
        sleeper.stop()


def test_workers_long_gone_are_forgotten(database, start):
    database.execute("INSERT INTO workers (id, name, missing_since) "
                     "VALUES (1, 'long gone', now() - interval '61 seconds'), (2, 'just gone', now())")
    start(Worker)
    eventually(lambda: database.count("workers", name="long gone") == 0)
    assert database.count("workers", name="just gone") == 1


@pytest.fixture
def own_cluster():
    with Cluster() as cluster:
        yield cluster


def test_a_restart_of_the_server_costs_no_job(own_cluster):
    """All sessions are gone at once, and the workers come back one by one:
    nobody takes the others' jobs meanwhile."""
    database = prepared(own_cluster)
    with Api(database.url) as api, Worker(database.url, **SLOW) as one, Worker(database.url, **SLOW) as two:
        api.expect_errors("http_request")
        spread_jobs(database, sign_up(api), 8)
        database.execute("NOTIFY jobs")
        eventually(lambda: sum(len(worker.log.find("job_started", job_type="generate_reply"))
                               for worker in (one, two)) == 8)
        own_cluster.stop("immediate")
        own_cluster.start()
        eventually(lambda: unfinished(database) == 0, within=15)
        assert database.rows("SELECT DISTINCT status::text, attempts FROM jobs WHERE job_type = 'generate_reply'") == [
            {"status": "DONE", "attempts": 1}]
        for service in (api, one, two):
            eventually(service.is_ready)
