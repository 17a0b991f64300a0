"""What was acknowledged happens, once, whatever befalls workers, network and
database. Faults and requests come from a seed: PERSONAWORLDS_SEED=n plays the same again, as far as
threads allow."""
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.audit import Audit
from support.faults import FaultProxy, Fleet, Nemesis, schedule
from support.history import Enqueuer, History
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.people import new_room
from support.waiting import eventually

pytestmark = pytest.mark.long

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
SECONDS = 600 if LONG else 60
LEASE = 17  # of a task of 2 s
SETTINGS = {"WORKER_TASK_TIMEOUT": "2s", "WORKER_POLL_EVERY": "500ms", "WORKER_CONCURRENCY": 8,
            "DB_QUERY_TIMEOUT": "2s", "JOB_RETRY_BASE": "1ms",
            "JOB_RETRY_MAX": "1s", "JOB_MAX_ATTEMPTS": 20, "MOCK_LLM_FAILURE_RATE": "0.03"}
DRAIN = 2 * LEASE + 60  # a lease that was claimed by a statement that came late, and then the work


@pytest.fixture
def cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def database(cluster):
    return prepared(cluster)


@pytest.fixture
def api(database):
    """Its requests meet a database that is away: 503, which the test reads;
    nothing else is an error."""
    with Api(database.url) as api:
        api.expect_errors("http_request")
        yield api


class Load:
    """Four enqueuers, from the beginning of the block to its end."""

    def __init__(self, api, room, history, seed, database):
        self.database, self.over, self.pool = database, threading.Event(), ThreadPoolExecutor(5)
        self.due = 0
        self.enqueuers = [Enqueuer(api, room, history, f"{seed}-{n}", lambda: self.due) for n in range(4)]

    def watch(self):
        """How much is due; and digests wait only until the next look, so that many are
        made and asked for again."""
        while not self.over.wait(0.25):
            try:
                self.due = self.database.value("SELECT count(*) FROM jobs WHERE status IN ('PENDING', 'PROCESSING') "
                                               "AND available_at <= now()")
                hurry_digests(self.database)
            except Exception:  # the database is away, as it is meant to be
                continue

    def __enter__(self):
        self.running = [self.pool.submit(act)
                        for act in (self.watch, *(lambda e=e: e.run(self.over) for e in self.enqueuers))]
        return self

    def __exit__(self, *_):
        self.over.set()
        for act in self.running:
            act.result(60)
        self.pool.shutdown()


def hurry_digests(database):
    """A persona's digest waits a minute before it is made, and a user's where counts stood in for a
    summary before it is made again."""
    database.execute("UPDATE jobs SET available_at = now() WHERE job_type IN ('persona_digest', 'weekly_digest') "
                     "AND status = 'PENDING' AND available_at > now()")


def refuse_a_late_end(fleet, nemesis, **settings):
    """A worker stops in the middle of replies, others write them, it wakes up:
    told that they aren't its own any more, whatever it made of them."""
    sleeper = fleet.launch(MOCK_LLM_LATENCY="900ms", **settings)

    def refused():
        sleeper.log.wait_for("job_started", count=len(sleeper.log.find("job_started")) + 1, within=60)
        with nemesis.usurped(sleeper) as jobs:
            pass
        return jobs and {line["job_id"] for line in sleeper.log.find("job_lease_lost", error="lease lost")} >= set(jobs)

    eventually(refused, within=120)
    fleet.kill(sleeper)


def drained(database):
    hurry_digests(database)
    left = database.rows("SELECT id, job_type, status::text, attempts, locked_by, lease_until, available_at, error "
                         "FROM jobs "
                         "WHERE status IN ('PENDING', 'PROCESSING') LIMIT 5")
    assert not left, f"not drained: {left}"
    return True


def settle(load, history, database):
    """All due work ends in a bounded time; and who reads a thread last gets a summary of it as it
    is."""
    eventually(lambda: drained(database), within=DRAIN, pause=0.2)
    reader = load.enqueuers[0].user
    for post in history.posts[-10:]:
        eventually(lambda: reader.get(f"/posts/{post}/thread").json()["ai_summary_status"] == "fresh", within=10)
    eventually(lambda: drained(database), within=DRAIN, pause=0.2)


def play(api, database, history, seed):
    """The whole run: load and faults, the late ends that must be refused, and the end of all work.
    Gives what the audit and the summary want."""
    room, cluster = new_room(database), database.cluster
    with FaultProxy(cluster.port) as proxy:
        fleet = Fleet(Worker, proxy.way_to(database.url), 3,
                      random.Random(f"fleet {seed}"), **SETTINGS)
        nemesis, trouble = Nemesis(fleet, proxy, database), ""
        try:
            with fleet:
                with (load := Load(api, room, history, seed, database)):
                    nemesis.run(schedule(seed, SECONDS, LEASE), time.monotonic())
                    refuse_a_late_end(fleet, nemesis, MOCK_LLM_FAILURE_RATE="0")
                    refuse_a_late_end(fleet, nemesis, MOCK_LLM_FAILURE_RATE="1")
                settle(load, history, database)
        except AssertionError as failed:  # told together with the history that it belongs to
            trouble = f"{failed}\n"
        return fleet, nemesis, trouble


@pytest.mark.timeout(SECONDS + DRAIN + 240)
def test_nothing_is_lost_and_nothing_done_twice_whatever_happens(api, database, capsys):
    seed = int(os.environ.get("PERSONAWORLDS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"PERSONAWORLDS_SEED={seed}")
    history, begun = History(), time.monotonic()
    fleet, nemesis, trouble = play(api, database, history, seed)
    audit = Audit(database, history, fleet).run()
    summary = (f"history: seed {seed}, {time.monotonic() - begun:.0f} s, {history.requests} requests, asks "
               f"{history.outcomes()}, "
               f"jobs {dict(audit.ends())}, faults {dict(nemesis.done)}, late completions refused "
               f"{audit.late_completions_refused()}, "
               f"ends presumed wrongly {audit.presumed}")
    with capsys.disabled():
        print(f"\n{summary}")
    assert not trouble and not audit.problems, f"{summary}\n{trouble}{audit.report()}"
    assert audit.late_completions_refused(), summary
    assert {line["status"] for line in api.log.find("http_request", level="error")} <= {503, 504}, summary
