"""Two faults at once: triage names the more fundamental one first. Of twelve faults all 66 pairs."""
import contextlib
import itertools
import json
import signal
import threading

import httpx
import psycopg
import pytest

from fakes.openai import FakeProvider, answer, status
from support.drill import DrillApi, DrillWorker, answers
from support.faults_of_database import FullDisk
from support.people import sign_up
from support.postgres import Cluster
from support.program import prepared
from support.roles import as_role
from support.triage import look
from support.waiting import eventually

# Each pair, and what must be found first. With another secret nobody gets as far as
# a write, so that the full disk isn't met.
FIRST = """
stopped      connections  database_unreachable
stopped      readonly     database_unreachable
stopped      disk         database_unreachable
stopped      gone         database_unreachable
stopped      secret       database_unreachable
stopped      locks        database_unreachable
stopped      provider_401 database_unreachable
stopped      provider_500 database_unreachable
stopped      poisoned     database_unreachable
stopped      paused       database_unreachable
stopped      hung         database_unreachable
connections  readonly     connections_exhausted
connections  disk         connections_exhausted
connections  gone         connections_exhausted
connections  secret       connections_exhausted
connections  locks        connections_exhausted
connections  provider_401 connections_exhausted
connections  provider_500 connections_exhausted
connections  poisoned     connections_exhausted
connections  paused       connections_exhausted
connections  hung         connections_exhausted
readonly     disk         database_read_only
readonly     gone         database_read_only
readonly     secret       database_read_only
readonly     locks        database_read_only
readonly     provider_401 database_read_only
readonly     provider_500 database_read_only
readonly     poisoned     database_read_only
readonly     paused       database_read_only
readonly     hung         database_read_only
disk         gone         resources_exhausted
disk         secret       tokens_refused
disk         locks        resources_exhausted
disk         provider_401 resources_exhausted
disk         provider_500 resources_exhausted
disk         poisoned     resources_exhausted
disk         paused       resources_exhausted
disk         hung         resources_exhausted
gone         secret       schema_damaged
gone         locks        schema_damaged
gone         provider_401 schema_damaged
gone         provider_500 schema_damaged
gone         poisoned     schema_damaged
gone         paused       schema_damaged
gone         hung         schema_damaged
secret       locks        tokens_refused
secret       provider_401 tokens_refused
secret       provider_500 tokens_refused
secret       poisoned     tokens_refused
secret       paused       tokens_refused
secret       hung         tokens_refused
locks        provider_401 locks_waiting
locks        provider_500 locks_waiting
locks        poisoned     locks_waiting
locks        paused       locks_waiting
locks        hung         locks_waiting
provider_401 provider_500 model_failing
provider_401 poisoned     model_failing
provider_401 paused       model_failing
provider_401 hung         model_failing
provider_500 poisoned     model_failing
provider_500 paused       model_failing
provider_500 hung         model_failing
poisoned     paused       jobs_failing
poisoned     hung         jobs_failing
paused       hung         queue_paused
"""
TABLE = [line.split() for line in FIRST.strip().splitlines()]
OTHER_SECRET = "another-secret-of-more-than-thirty-two-bytes"


class Stack:
    """One API, two workers and people who read and draft all the time; each fault is a context."""

    def __init__(self, end):
        self.cluster = end.enter_context(Cluster(max_connections=60))
        self.database = prepared(self.cluster)
        self.provider = end.enter_context(FakeProvider(default=answer()))
        settings = {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": self.provider.url, "OPENAI_MAX_RETRIES": "0",
                    "LLM_BREAKER_FAILURES": "100000", "DB_POOL_SIZE": 4}
        self.api = end.enter_context(DrillApi(self.database.url, **settings))
        self.workers = [end.enter_context(DrillWorker(self.database.url, **settings)) for _ in range(2)]
        self.user = sign_up(self.api)
        self.persona, self.room = self.user.persona(daily_draft_quota=10000), self.user.room("go-backend")
        self.over = threading.Event()
        people = [threading.Thread(target=self._live) for _ in range(4)]
        for person in people:
            person.start()
            end.callback(person.join)
        end.callback(self.over.set)

    def _live(self):
        while not self.over.wait(0.1):
            with contextlib.suppress(httpx.HTTPError, RuntimeError, OSError):  # an API that isn't there just now
                user = self.user.at(self.api)
                user.get("/notifications")
                user.get("/feed")
                user.post(f"/rooms/{self.room.id}/posts/draft", json={"persona_id": self.persona.id})

    def findings(self):
        one, other = (f"http://127.0.0.1:{worker.port}" for worker in self.workers)
        return look("--worker", other, sample="2s", within=30, api=f"http://127.0.0.1:{self.api.port}", worker=one,
                    DATABASE_URL=self.database.url)["findings"]

    def is_well(self):
        return all(service.is_ready() for service in (self.api, *self.workers)) and self.findings() == []

    # ---- faults ----

    @contextlib.contextmanager
    def stopped(self):
        self.cluster.stop("immediate")
        try:
            yield
        finally:
            self.cluster.start()

    @contextlib.contextmanager
    def connections(self):
        with contextlib.ExitStack() as held, contextlib.suppress(psycopg.OperationalError):
            try:
                while True:
                    held.enter_context(contextlib.closing(psycopg.connect(as_role(self.database.url, "ops"),
                                                                          autocommit=True)))
            except psycopg.OperationalError:
                yield

    @contextlib.contextmanager
    def readonly(self):
        with contextlib.closing(psycopg.connect(self.cluster.url(), autocommit=True)) as root:
            root.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            root.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            with contextlib.closing(psycopg.connect(self.cluster.url(), autocommit=True)) as root:
                root.execute("SET default_transaction_read_only = off")
                root.execute("ALTER SYSTEM RESET default_transaction_read_only")
                root.execute("SELECT pg_reload_conf()")
            eventually(lambda: self.database.value("SHOW default_transaction_read_only") == "off")

    def disk(self):
        return FullDisk(self.database)

    @contextlib.contextmanager
    def gone(self):
        self.database.execute("ALTER TABLE notifications RENAME TO elsewhere")
        try:
            yield
        finally:
            self.database.execute("ALTER TABLE elsewhere RENAME TO notifications")

    @contextlib.contextmanager
    def secret(self):
        before = self._restart_api(JWT_SECRET=OTHER_SECRET)
        try:
            yield
        finally:
            self._restart_api(JWT_SECRET=before)

    def _restart_api(self, **settings):
        before = self.api.settings["JWT_SECRET"]
        self.api.stop()
        self.api.settings |= settings
        self.api.launch()  # it need not be ready: the other fault may be in its way
        eventually(lambda: answers(self.api))
        return before

    @contextlib.contextmanager
    def locks(self):
        with contextlib.closing(self.database.connect(application_name="a script")) as holder:
            holder.autocommit = False
            holder.execute("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE")
            yield

    @contextlib.contextmanager
    def answering(self, step):
        before = self.provider.default
        self.provider.default = step
        try:
            yield
        finally:
            self.provider.default = before

    def provider_401(self):
        return self.answering(status(401))

    def provider_500(self):
        return self.answering(status(500))

    @contextlib.contextmanager
    def poisoned(self):
        self.database.execute("INSERT INTO jobs (job_type, status, error, finished_at) "
                              "SELECT 'generate_reply', 'FAILED', 'no room', now() FROM generate_series(1, 12)")
        try:
            yield
        finally:
            self.database.execute("DELETE FROM jobs WHERE status = 'FAILED'")

    @contextlib.contextmanager
    def paused(self):
        self.database.execute("INSERT INTO settings (key, value) VALUES ('queue.pause.generate_reply', 'true')")
        self.database.execute("INSERT INTO jobs (job_type) VALUES ('generate_reply')")
        try:
            yield
        finally:
            self.database.execute("DELETE FROM jobs WHERE job_type = 'generate_reply'")
            self.database.execute("DELETE FROM settings")

    @contextlib.contextmanager
    def hung(self):
        self.workers[1].interrupt(signal.SIGSTOP)
        try:
            yield
        finally:
            self.workers[1].interrupt(signal.SIGCONT)


# What takes the means away to make another is made after it, and mended before it.
LAST = ["secret", "locks", "readonly", "connections", "stopped"]


def in_order(pair):
    return sorted(pair, key=lambda fault: LAST.index(fault) if fault in LAST else -1)


@pytest.fixture(scope="module")
def stack():
    with contextlib.ExitStack() as end:
        yield Stack(end)


def test_every_pair_has_its_row():
    faults = list(dict.fromkeys(fault for row in TABLE for fault in row[:2]))
    assert len(faults) == 12
    assert [tuple(row[:2]) for row in TABLE] == list(itertools.combinations(faults, 2))


@pytest.mark.parametrize("one, other, first", TABLE, ids=[f"{one}+{other}" for one, other, _ in TABLE])
def test_the_more_fundamental_of_two_faults_is_named_first(stack, one, other, first):
    found = []

    def is_first():
        found[:] = stack.findings()
        return found and found[0]["id"] == first

    eventually(stack.is_well, within=60)
    with contextlib.ExitStack() as faults:
        for fault in in_order([one, other]):
            faults.enter_context(getattr(stack, fault)())
        try:
            eventually(is_first, within=30)
        except AssertionError:
            raise AssertionError(f"{first} isn't first: {json.dumps(found, indent=1)}") from None
