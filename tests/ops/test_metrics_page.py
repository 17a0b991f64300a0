"""/metrics of both services: what it says of pauses, levers and the server's connections, and how it
is sent."""
import gzip

import httpx
import psycopg
import pytest

from support.exposition import Page
from support.program import Api, Worker, run
from support.redis import Redis
from support.waiting import eventually


@pytest.fixture(scope="module")
def worker(database):
    with Worker(database.url) as worker:
        yield worker


@pytest.fixture
def services(api, worker):
    return [api, worker]


def pages(services):
    return [Page(service.metrics()) for service in services]


def values(services, name, **labels):
    return [page.value(name, **labels) for page in pages(services)]


def raw(service, **headers):
    """The answer as it came, not unpacked."""
    url = f"http://127.0.0.1:{service.port}/metrics"
    with httpx.stream("GET", url, headers={"Accept-Encoding": "identity"} | headers, trust_env=False) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("accepted, coding", [
    ("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("*", "gzip"), ("identity", None), ("gzip;q=0", None), ("br", None)])
def test_it_is_compressed_for_who_accepts_it(services, accepted, coding):
    for service in services:
        answer, body = raw(service, **{"Accept-Encoding": accepted})
        text = gzip.decompress(body) if coding else body
        assert answer.headers.get("content-encoding") == coding and "Accept-Encoding" in answer.headers["vary"]
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert text.startswith(b"# HELP ") and text.endswith(b"\n") and b"\nservice_ready 1\n" in text
        assert len(body) == int(answer.headers["content-length"])
        assert not coding or len(body) * 5 < len(text)


def test_a_pause_is_seen_on_both_ports_from_the_start(database, services):
    assert values(services, "queue_paused", type="weekly_digest") == [0, 0]
    assert values(services, "lever_in_force", key="queue.pause.weekly_digest") == [0, 0]
    try:
        run("queue", "pause", "weekly_digest", DATABASE_URL=database.url)
        eventually(lambda: values(services, "queue_paused", type="weekly_digest") == [1, 1])
        assert values(services, "queue_paused", type="persona_digest") == [0, 0]
        assert values(services, "lever_in_force", key="queue.pause.weekly_digest") == [1, 1]
    finally:
        run("queue", "resume", "weekly_digest", DATABASE_URL=database.url)
    eventually(lambda: values(services, "queue_paused", type="weekly_digest") == [0, 0])
    assert values(services, "lever_in_force", key="queue.pause.weekly_digest") == [0, 0]


def test_a_pause_that_is_set_to_false_is_a_lever_and_no_pause(database, services):
    try:
        run("settings", "set", "queue.pause.weekly_digest", "false", DATABASE_URL=database.url)
        eventually(lambda: values(services, "lever_in_force", key="queue.pause.weekly_digest") == [1, 1])
        assert values(services, "queue_paused", type="weekly_digest") == [0, 0]
    finally:
        run("settings", "unset", "queue.pause.weekly_digest", DATABASE_URL=database.url)
    eventually(lambda: values(services, "lever_in_force", key="queue.pause.weekly_digest") == [0, 0])


def test_how_many_connections_the_server_has_left(own_database, start):
    """Everybody's count, and each role may know: it is read with the worker's own rights elsewhere."""
    services = [start(Api, own_database.url), start(Worker, own_database.url)]
    with psycopg.connect(own_database.url) as connection:
        most, kept = (int(connection.execute(f"SHOW {name}").fetchone()[0])
                      for name in ("max_connections", "superuser_reserved_connections"))
    eventually(lambda: values(services, "db_server_connections_limit") == [most - kept] * 2)
    before = min(values(services, "db_server_connections"))
    assert before > 0
    many = [psycopg.connect(own_database.url) for _ in range(12)]
    try:  # others' may go meanwhile, so not all twelve are asked for
        eventually(lambda: min(values(services, "db_server_connections")) >= before + 6, within=30)
    finally:
        for connection in many:
            connection.close()


def test_a_redis_that_is_away_is_told_from_none(api, start):
    redis = Redis().start()
    shared = start(Api, REDIS_URL=redis.url)

    def away(service):
        return Page(service.metrics()).value("rate_limit_redis_away")
    try:
        eventually(lambda: Page(shared.metrics()).value("rate_limit_shared") == 1)
        assert (away(api), away(shared)) == (0, 0)
    finally:
        redis.kill()
    eventually(lambda: away(shared) == 1, within=15)
    assert away(api) == 0
