"""The server stands still, another one is promoted: what was acknowledged is there, clients get clear
answers, and nobody's jobs are taken. With PERSONAWORLDS_LONG=1 times are held as promised."""
import os
import threading
import time
from collections import Counter

import pytest

from support.exposition import Page
from support.faults import FaultProxy
from support.people import persona_fields, sign_up
from support.postgres import Cluster, Database
from support.program import Api, Worker, prepared
from support.queue import spread_jobs, unfinished, workers_present
from support.waiting import eventually

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
READY_WITHIN = 3 if LONG else 15
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'personaworlds api'"
LATE = 1.8  # s; a worker counts as gone after less where nothing else is known
HURRIED = {"DB_QUERY_TIMEOUT": "1s"}


@pytest.fixture
def primary():
    with Cluster() as cluster:
        yield cluster
        if cluster.process.poll() is None:
            cluster.thaw()


@pytest.fixture
def database(primary):
    return prepared(primary)


@pytest.fixture
def standby(primary, database):
    """Has all that is acknowledged."""
    with Cluster(standby_of=primary) as standby:
        database.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        database.execute("SELECT pg_reload_conf()")
        eventually(lambda: database.value("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1,
                   within=10)
        yield standby


class Writers:
    """Persona after persona, in the background."""

    def __init__(self, user, n=6):
        self.user, self.answers, self._over = user, [], threading.Event()
        self._threads = [threading.Thread(target=self._go_on, daemon=True) for _ in range(n)]

    def _go_on(self):
        while not self._over.is_set():
            self.answers.append(self.user.post("/personas", json=persona_fields()))

    def acknowledged(self):
        return {answer.json()["id"] for answer in list(self.answers) if answer.status_code == 201}

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(30)


def test_writes_through_a_failover(primary, standby, database):
    """All connections leave the server that stands still, those of a thread that nobody asks too."""
    heir = Database(standby, database.name)
    with Api(database.among(None, standby.port), **HURRIED) as api:
        api.expect_errors("http_request")
        user, connections = sign_up(api), eventually(lambda: database.value(SESSIONS) == 10 and 10)
        with Writers(user) as writers:
            eventually(lambda: len(writers.acknowledged()) > 50, within=20)
            primary.freeze()
            eventually(lambda: not api.is_ready(), within=10)
            began, before = time.monotonic(), len(writers.acknowledged())
            standby.promote()
            eventually(api.is_ready, within=30)
            seconds = time.monotonic() - began
            assert user.post("/personas", json=persona_fields()).status_code == 201  # ready is who can write
            eventually(lambda: len(writers.acknowledged()) > before + 50, within=20)
        print(f"ready {seconds:.2f} s after the promotion; {Counter(a.status_code for a in writers.answers)}")
        assert seconds < READY_WITHIN
        eventually(lambda: heir.value(SESSIONS) == connections, within=10)
        assert Page(api.metrics()).value("db_listening") == 1
        assert api.log.find("db_connected", server=f"127.0.0.1:{standby.port}")
        stored = {str(row["id"]) for row in heir.rows("SELECT id FROM personas")}
        unknown = [a for a in writers.answers if a.status_code == 504 or a.status_code == 503
                   and a.json()["code"] == "outcome_unknown"]
        assert set(Counter(answer.status_code for answer in writers.answers)) <= {201, 503, 504}
        assert writers.acknowledged() <= stored
        assert len(stored) <= len(writers.acknowledged()) + 1 + len(unknown)


def test_a_worker_that_is_late_keeps_its_jobs(primary, standby, database):
    """The promoted server has run for long, and the first worker there sees nobody else."""
    heir, late = Database(standby, database.name), FaultProxy(standby.port)
    slow = HURRIED | {"MOCK_LLM_LATENCY": "4s", "WORKER_CONCURRENCY": 6}
    with Api(database.among(None, standby.port), **HURRIED) as api, \
            Worker(database.among(None, standby.port), **slow) as one, \
            Worker(database.among(None, late.port), **slow) as two:
        for service in (api, one, two):
            service.expect_errors("http_request")
        eventually(lambda: workers_present(database) == 2)
        eventually(lambda: heir.value("SELECT now() - pg_postmaster_start_time() > interval '2 s'"))
        spread_jobs(database, sign_up(api), 12)
        database.execute("NOTIFY jobs")
        eventually(lambda: sum(len(worker.log.find("job_started", job_type="generate_reply"))
                               for worker in (one, two)) == 12, within=10)
        primary.stop("immediate")
        standby.promote()
        eventually(lambda: workers_present(heir) == 1, within=20)
        there = time.monotonic()
        eventually(lambda: time.monotonic() > there + LATE)
        with late:
            eventually(lambda: workers_present(heir) == 2, within=20)
            eventually(lambda: unfinished(heir) == 0, within=30)
            assert heir.rows("SELECT DISTINCT status::text, attempts FROM jobs WHERE job_type = 'generate_reply'") == [
                {"status": "DONE", "attempts": 1}]
            assert not one.log.find("worker_vanished") + two.log.find("worker_vanished")
            for service in (api, one, two):
                eventually(service.is_ready, within=15)
                service.stop()
