"""What the service asks of Postgres while nobody asks anything of it."""
import time

import pytest

from support.exposition import Page
from support.program import Api, Worker
from support.waiting import eventually

STATEMENTS_A_SECOND = 15  # API and worker together
LOOKED_AT = 60
SENT = "db_query_duration_seconds_count"  # its own count, a statement each; Postgres counts transactions


@pytest.fixture
def database(own_database):
    """A worker that other tests have left there would be looked after."""
    return own_database


def statements(services):
    """How often each was sent since the start, those of all services together."""
    pages = [Page(service.metrics()) for service in services]
    names = pages[0].label_values(SENT, "query") - {None}
    return {name: sum(page.value(SENT, query=name) for page in pages) for name in names}


def more(before, now):
    return {name: now[name] - before[name] for name in now if now[name] > before[name]}


def test_an_idle_api_and_worker_ask_fifteen_statements_a_second_at_most(start):
    """Levers, blocks, other workers, readiness, gauges and the poll are in it: none of them is left out."""
    services = [start(Api), start(Worker)]
    for service in services:  # until what comes once, at the start, is over
        eventually(lambda: statements([service])["queue/freshness"] >= 2)
    before, began = statements(services), time.monotonic()
    asked = eventually(lambda: (new := more(before, statements(services))) and sum(new.values()) >= LOOKED_AT and new,
                       within=60)
    seconds = time.monotonic() - began
    assert sum(asked.values()) / seconds <= STATEMENTS_A_SECOND, (seconds, asked)
    assert {"state/changed", "health/ready", "queue/depth", "queue/freshness", "jobs/reclaim",
            "jobs/next_due"} <= asked.keys()
    assert not {"workers/vanished", "settings/list", "blocks/changed"} & asked.keys()
