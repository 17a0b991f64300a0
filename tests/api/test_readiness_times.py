"""How soon /readyz tells the truth: beside a writer that knows when its last write succeeded, and
when its next one did. With PERSONAWORLDS_LONG=1 the promise is held: 503 within 2 s of the last
write that could succeed, 200 within 1 s of the first; a busy machine gets some seconds more."""
import os
import threading
import time

import pytest

from support.faults_of_database import Cut, Setting, Standby, Statements
from support.people import sign_up
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.relay import Relay
from support.waiting import eventually

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
GOES_WITHIN, COMES_WITHIN = (2, 1) if LONG else (10, 10)
EVERY = 0.02
EVENT = {"event_name": "daily_return"}


class Beside:
    """Something that is done again and again, each time anew; the last time it worked, the first
    time afterwards, and what it found."""

    def __init__(self, act):
        self.act, self.found, self.over = act, [], threading.Event()
        self.thread = threading.Thread(target=self._go_on, daemon=True)
        self.thread.start()

    def _go_on(self):
        while not self.over.wait(EVERY):
            began = time.monotonic()
            value = self.act()
            self.found.append((began, time.monotonic(), value))

    def last(self, value, before):
        return max(end for _, end, found in self.found if found == value and end <= before)

    def first(self, value, after):
        """When it was found, or None."""
        return next((end for _, end, found in self.found if found == value and end > after), None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(10)


@pytest.fixture(scope="module")
def cluster():
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
def services(cluster, database, relay):
    url = database.url.replace(f":{cluster.port}/", f":{relay.port}/")
    with Api(url, DB_QUERY_TIMEOUT="1s") as api, Worker(url, WORKER_POLL_EVERY="200ms") as worker:
        yield {"api": api, "worker": worker}


FAULTS = {
    "read-only": lambda f: Setting(f.cluster, "default_transaction_read_only", "on"),
    "standby": lambda f: Standby(f.cluster),
    "writes cut": lambda f: Cut(f.relay),
    "no standby confirms": lambda f: Setting(f.cluster, "synchronous_standby_names", "'nobody'"),
    "column gone": lambda f: Statements(f.database, "ALTER TABLE events RENAME client TO a",
                                        "ALTER TABLE events RENAME a TO client"),
    "rights gone": lambda f: Statements(f.database, "REVOKE select ON rooms FROM personaworlds_api; "
                                        "REVOKE update (last_seen_at) ON sessions FROM personaworlds_worker",
                                        "GRANT select ON rooms TO personaworlds_api; "
                                        "GRANT update (last_seen_at) ON sessions TO personaworlds_worker"),
}


class World:
    def __init__(self, cluster, database, relay):
        self.cluster, self.database, self.relay = cluster, database, relay


def readiness_of(service):
    return lambda: service.client.get("/readyz").status_code


@pytest.mark.parametrize("fault", FAULTS)
def test_readyz_follows_what_can_be_written(services, cluster, database, relay, fault):
    """A fault that the writer doesn't notice counts from when it was made."""
    user, statuses = sign_up(services["api"]), set()
    for service in services.values():
        service.expect_errors("http_request")

    def write():
        status = user.post("/events", json=EVENT).status_code
        statuses.add(status)
        return status == 202

    with Beside(write) as writer, Beside(readiness_of(services["api"])) as api, \
            Beside(readiness_of(services["worker"])) as worker:
        eventually(lambda: writer.first(True, 0) and api.first(200, 0) and worker.first(200, 0))
        began = time.monotonic()
        with FAULTS[fault](World(cluster, database, relay)):
            gone = [eventually(lambda: each.first(503, began), within=20) for each in (api, worker)]
            eventually(lambda: writer.found[-1][0] > max(gone), within=20)
            mended = time.monotonic()
            last = writer.last(True, mended)
        there = time.monotonic()
        back = [eventually(lambda: each.first(200, mended), within=20) for each in (api, worker)]
        first = eventually(lambda: writer.first(True, mended), within=20)
    noticed = last < min(gone)
    figures = ([at - (last if noticed else began) for at in gone] + [at - (first if noticed else there) for at in back])
    print(f"{fault}: 503 after {figures[0]:.2f} and {figures[1]:.2f} s, 200 after {figures[2]:.2f} and "
          f"{figures[3]:.2f} s (API and worker)")
    assert 500 not in statuses
    assert max(figures[:2]) <= GOES_WITHIN and max(figures[2:]) <= COMES_WITHIN, figures
