"""Behind a PgBouncer, either of the two servers goes away under traffic and comes back:
answers stay clear and nothing is lost or done twice."""
import threading
from collections import Counter

import pytest

from support.people import persona_fields, sign_up
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.queue import job_of, replied_once
from support.waiting import at_once, eventually

POOLED = {"DB_POOLER": "transaction"}


@pytest.fixture(scope="module")
def cluster():
    """A server of this file's own, to be stopped and started."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def database(cluster):
    return prepared(cluster)


@pytest.fixture
def api(database, pooler):
    with Api(pooler.url(database.name), DB_QUERY_TIMEOUT="1s", **POOLED) as api:
        yield api


def stop_pooler(cluster, pooler):
    pooler.kill()


def stop_postgres(cluster, pooler):
    cluster.stop("fast")


def crash_postgres(cluster, pooler):
    cluster.stop("immediate")


class Traffic:
    """Reads and writes without a pause, in the background."""

    def __init__(self, user):
        self.user, self.reads, self.writes, self._over = user, [], [], threading.Event()

    def _go_on(self, act, answers):
        while not self._over.is_set():
            answers.append(act())

    def run(self, meanwhile):
        def interfere():
            try:
                meanwhile()
            finally:
                self._over.set()

        at_once(interfere, *[lambda: self._go_on(lambda: self.user.get("/rooms"), self.reads)] * 4,
                *[lambda: self._go_on(lambda: self.user.post("/personas", json=persona_fields()), self.writes)] * 4)


def start_what_is_away(cluster, pooler):
    if not cluster.accepts():
        cluster.start()
    if pooler.process.poll() is not None:
        pooler.start()


@pytest.mark.parametrize("stop", [stop_pooler, stop_postgres, crash_postgres])
def test_an_outage_under_traffic(api, cluster, pooler, database, user, persona, post, start, stop):
    """A job runs meanwhile: its text is made when the database is away, and is stored once."""
    worker = start(Worker, pooler.url(database.name), WORKER_POLL_EVERY="500ms", MOCK_LLM_LATENCY="2s",
                   DB_QUERY_TIMEOUT="1s", **POOLED)
    for service in (api, worker):
        service.expect_errors("http_request")
    someone = sign_up(api)
    traffic = Traffic(someone)

    def interfere():
        eventually(lambda: len(traffic.writes) > 40)
        user.ask_for_replies(post, persona)
        worker.log.wait_for("job_started", job_type="generate_reply")
        stop(cluster, pooler)
        eventually(lambda: {503, 504} & {answer.status_code for answer in traffic.reads}, within=10)
        start_what_is_away(cluster, pooler)
        before = len(traffic.writes)
        eventually(lambda: [answer.status_code for answer in traffic.writes[before:][-20:]] == [201] * 20, within=10)

    traffic.run(interfere)
    assert set(Counter(answer.status_code for answer in traffic.reads)) <= {200, 503, 504}
    assert set(Counter(answer.status_code for answer in traffic.writes)) <= {201, 503, 504}
    confirmed = {answer.json()["id"] for answer in traffic.writes if answer.status_code == 201}
    stored = {str(row["id"]) for row in database.rows("SELECT id FROM personas WHERE user_id = %s", someone.id)}
    assert confirmed <= stored
    eventually(lambda: api.is_ready() and worker.is_ready(), within=5)
    connections = 4 * api.settings["API_THREADS"] + 1
    assert 0 < len(api.log.find("db_connection_lost")) <= connections, (
        "an outage is told once, however often the pooler takes and drops a connection")
    eventually(lambda: job_of(database, post)["status"] == "DONE", within=30)
    assert replied_once(database, post, persona)
