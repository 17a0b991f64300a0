"""Health and metrics: what a monitor sees on both ports."""
import contextlib
import json
import re
import socket
import statistics
import time

import httpx
import pytest

from support.exposition import Page
from support.people import persona_fields
from support.program import MIGRATIONS, Api, Worker
from support.waiting import eventually
from support.wire import Connection, request

JOB_TYPES = ["generate_reply", "summarize_thread", "persona_digest"]
COUNTERS_AND_GAUGES = {
    "db_connections": "gauge", "db_reconnects_total": "counter", "db_errors_total": "counter", "queue_depth": "gauge",
    "queue_oldest_age_seconds": "gauge", "llm_requests_total": "counter", "llm_tokens_total": "counter",
    "llm_in_flight": "gauge",
    "build_info": "gauge", "log_lines_dropped_total": "counter", "process_cpu_seconds_total": "counter",
    "process_resident_memory_bytes": "gauge", "process_open_fds": "gauge", "process_start_time_seconds": "gauge",
    "service_ready": "gauge"}
BOTH = COUNTERS_AND_GAUGES | {"db_query_duration_seconds": "histogram", "llm_request_duration_seconds": "histogram"}
ON_API = BOTH | {"http_requests_total": "counter", "http_request_duration_seconds": "histogram",
                 "http_requests_in_flight": "gauge",
                 "http_requests_shed_total": "counter", "streams_open": "gauge",
                 "stream_events_total": "counter", "stream_resumes_total": "counter", "http_route_info": "gauge"}
ON_WORKER = BOTH | {"jobs_processed_total": "counter", "job_retries_total": "counter",
                    "job_duration_seconds": "histogram",
                    "job_wait_seconds": "histogram", "job_leases_expired_total": "counter",
                    "jobs_trace_total": "counter", "digest_age_seconds": "gauge"}
ROUTES = ["/healthz", "/readyz", "/metrics", "/auth/signup", "/auth/login", "/personas", "/personas/{id}",
          "/personas/{id}/digest/today",
          "/personas/{id}/digest/latest", "/rooms", "/rooms/{id}/posts", "/rooms/{id}/posts/draft",
          "/posts/{id}/approve",
          "/posts/{id}/generate-replies", "/posts/{id}/thread", "/b/{id}", "unmatched"]
RUNBOOK = {"api": "http_requests_total|http_request_duration_seconds|db_query_duration_seconds|queue_depth",
           "worker": "jobs_processed_total|job_retries_total|job_duration_seconds|db_query_duration_seconds"}


@pytest.fixture(scope="module")
def worker(database):
    with Worker(database.url) as worker:
        yield worker


@pytest.fixture(params=["api", "worker"])
def service(request):
    return request.getfixturevalue(request.param)


def page(service):
    return Page(service.metrics())


def test_a_service_is_alive_and_ready(service):
    for path in ("/healthz", "/readyz"):
        answer = service.client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"ok": True})


def readiness_in_time(service):
    """What readyz says, within the two seconds that it has, and some more on a busy machine."""
    started = time.monotonic()
    answer = service.readiness()
    assert time.monotonic() - started < 6
    return answer


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_migration_that_is_missing_is_told(kind, start, own_database):
    """Those of another release don't make up for it."""
    service = start(kind, own_database.url, AUTO_MIGRATE="false")
    service.expect_errors("http_request")
    own_database.execute("UPDATE schema_migrations SET version = 'of_another_release.sql' WHERE version = %s",
                         MIGRATIONS[0])
    eventually(lambda: service.readiness() == (
        503, {"ok": False, "error": f"migrations pending: applied={len(MIGRATIONS) - 1} expected={len(MIGRATIONS)}"}))
    eventually(lambda: page(service).value("service_ready") == 0)
    own_database.execute("UPDATE schema_migrations SET version = %s WHERE version = 'of_another_release.sql'",
                         MIGRATIONS[0])
    eventually(lambda: service.readiness() == (200, {"ok": True}))
    eventually(lambda: page(service).value("service_ready") == 1)


def test_readyz_waits_for_no_lock(service, database):
    service.expect_errors("http_request")
    with database.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")
        eventually(lambda: readiness_in_time(service)[0] == 503)
        assert readiness_in_time(service)[1]["error"].startswith("database ping failed: ")
        assert service.client.get("/healthz", timeout=1).json() == {"ok": True}
    eventually(lambda: service.readiness() == (200, {"ok": True}))


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_database_that_takes_connections_and_says_nothing(kind):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        service = kind(f"postgres://postgres@127.0.0.1:{silent.getsockname()[1]}/x?sslmode=disable").launch()
        try:
            eventually(lambda: answers(service))
            for _ in range(3):
                status, body = readiness_in_time(service)
                assert (status, body["ok"]) == (503, False) and body["error"].startswith("database ping failed: ")
            assert service.client.get("/healthz", timeout=1).json() == {"ok": True}
            assert "process_cpu_seconds_total" in service.client.get("/metrics", timeout=2).text
            service.expect_errors("http_request")
        finally:
            service.stop()


def answers(service):
    with contextlib.suppress(httpx.TransportError):
        return service.client.get("/healthz").status_code == 200


def last_word(service, path):
    """Each is its connection's last."""
    with Connection(service.port) as connection:
        connection.send(request("GET", path))
        answer = connection.answer()
        assert answer.status_code != 503 or answer.headers["connection"] == "close"
        return answer


def test_before_it_ends_the_api_says_so(start):
    """And is still there for those who haven't heard it;
    the worker's part is in worker/test_queue.py."""
    ending = start(Api, API_STOP_DELAY="20s")
    eventually(lambda: page(ending).value("service_ready") == 1)
    ending.interrupt()
    readiness = eventually(lambda: (answer := last_word(ending, "/readyz")).status_code == 503 and answer)
    metrics, health = last_word(ending, "/metrics"), last_word(ending, "/healthz")
    assert json.loads(readiness.body) == {"ok": False, "error": "shutting down"}
    assert Page(metrics.body.decode()).value("service_ready") == 0
    assert (health.status_code, json.loads(health.body)) == (200, {"ok": True})
    assert not [line for line in ending.log.lines if line["level"] == "error"], "a probe that is told no is no error"
    ending.interrupt()  # the second one waits for nothing
    ending.wait_for_end()


def test_the_worker_has_these_three_routes_alone(worker):
    assert worker.client.get("/rooms").status_code == 404
    assert worker.client.post("/metrics").status_code == 405
    assert worker.client.head("/healthz").status_code == 200


def test_the_workers_port_survives_garbage(worker):
    for data in (b"\x16\x03\x01" + bytes(100), b"GET / HTTP/1.1\r\n\r\n", request("GET", "/" + "a" * 100_000)):
        with Connection(worker.port) as connection:
            connection.send(data)
            connection.finish_sending()
            answer = connection.answer()
            assert answer is None or answer.status_code < 500
    assert worker.client.get("/healthz").status_code == 200


def test_the_page_is_well_formed(service):
    answer = service.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = Page(answer.text)
    assert set(found.types) == set(found.help)
    assert all(found.help.values())


def test_histograms_add_up(service):
    found = page(service)
    for family in (name for name, kind in found.types.items() if kind == "histogram"):
        for (name, labels), count in found.samples.items():
            if name == f"{family}_count":
                buckets = {float(dict(key)["le"]): value for (sample, key) in found.samples
                           if sample == f"{family}_bucket" and key - labels <= {("le", dict(key)["le"])}
                           and labels <= key for value in [found.samples[sample, key]]}
                assert buckets[float("inf")] == count
                assert list(map(buckets.get, sorted(buckets))) == sorted(buckets.values())


def test_every_metric_of_the_api_is_there_from_the_start(start_of_both):
    assert_types(start_of_both["api"], ON_API)


def test_every_metric_of_the_worker_is_there_from_the_start(start_of_both):
    assert_types(start_of_both["worker"], ON_WORKER)


def assert_types(found, expected):
    assert {name: found.types.get(name) for name in expected} == expected
    for name, kind in expected.items():
        assert any(sample == (f"{name}_count" if kind == "histogram" else name)
                   for sample, _ in found.series()), f"{name} has no series"


@pytest.fixture
def start_of_both(start):
    """The pages of services that have done nothing yet."""
    return {"api": page(start(Api)), "worker": page(start(Worker))}


def test_every_known_series_is_there_from_the_start(start_of_both):
    api, worker = start_of_both["api"], start_of_both["worker"]
    assert set(ROUTES) <= api.label_values("http_requests_total", "route")
    assert set(ROUTES) <= api.label_values("http_request_duration_seconds_count", "route")
    for status in ("200", "400", "401", "404", "500", "503", "504"):
        assert api.value("http_requests_total", route="/rooms", status=status) == 0
    for found in (api, worker):
        for type in JOB_TYPES:
            assert found.value("queue_depth", type=type) >= 0
            assert found.value("queue_oldest_age_seconds", type=type) >= 0
        assert "rooms/list" in found.label_values("db_query_duration_seconds_count", "query") or found is worker
        for operation in ("post_draft", "reply", "thread_summary", "activity_summary"):
            for status in ("ok", "error", "timeout", "rejected"):
                assert found.value("llm_requests_total", operation=operation, provider="mock", status=status) == 0
    for type in JOB_TYPES:
        for status in ("done", "retry", "failed"):
            assert worker.value("jobs_processed_total", type=type, status=status) == 0
            assert worker.value("jobs_trace_total", type=type, status=status, trace="present") == 0
            assert worker.value("jobs_trace_total", type=type, status=status, trace="missing") == 0
        for name in ("job_retries_total", "job_duration_seconds_count", "job_wait_seconds_count",
                     "job_leases_expired_total"):
            assert worker.value(name, type=type) == 0


def test_the_edges_that_the_alerts_need_exist(api):
    edges = page(api).label_values("http_request_duration_seconds_bucket", "le")
    assert {0.75, 1.2, 8.0, 10.0, 15.0, 30.0} <= {float(edge) for edge in edges}


@pytest.mark.parametrize("name", RUNBOOK)
def test_the_runbooks_pattern_finds_each_of_its_names(start_of_both, name, request):
    service = request.getfixturevalue(name)
    for metric in RUNBOOK[name].split("|"):
        assert re.search(rf"^{metric}(_count)?\{{", service.metrics(), re.MULTILINE), metric


def test_requests_are_counted_by_route_method_and_status(api, user, persona):
    before = page(api)
    user.get(f"/personas/{persona.id}")
    user.get("/personas/x")
    user.request("HEAD", "/rooms")
    user.post("/personas", json=persona_fields())
    api.client.get("/rooms")

    def grown(**labels):
        return page(api).value("http_requests_total", **labels) - before.value("http_requests_total", **labels)

    eventually(lambda: grown(route="/personas/{id}", method="GET", status="200") == 1)
    eventually(lambda: grown(route="/personas/{id}", method="GET", status="400") == 1)
    eventually(lambda: grown(route="/personas", method="POST", status="201") == 1)
    eventually(lambda: grown(route="/rooms", status="401") == 1)
    name = "http_request_duration_seconds_count"
    assert page(api).value(name, route="/personas/{id}",
                           method="GET") - before.value(name, route="/personas/{id}", method="GET") == 2


def test_a_duration_is_no_longer_than_its_client_waited(api):
    """A clock of whole milliseconds would make a tenth of one look like half of one, past the first bucket's edge."""
    waited = {}
    with Connection(api.port) as connection:
        for request_id in (f"stopwatch-{number}" for number in range(100)):
            started = time.monotonic()
            connection.send(request("GET", "/healthz", f"X-Request-Id: {request_id}"))
            assert connection.answer().status_code == 200
            waited[request_id] = (time.monotonic() - started) * 1000
    api.heard()
    lines = [line for line in api.log.find("http_request", route="/healthz") if line["request_id"] in waited]
    assert len(lines) == len(waited)
    # The server learns of the answer's end a moment after the client, and a busy machine lengthens
    # many of these moments.
    assert statistics.quantiles(line["latency_ms"] - waited[line["request_id"]] for line in lines)[0] < 0.1


def test_a_client_makes_no_series(api, user):
    user.get("/rooms")
    api.heard()
    before = page(api).series()
    for path in ("/made-up", "/rooms/../x", "/personas/x/made-up", '/"}', "/a\\b", "/%0a", "/rooms?made=up"):
        user.get(path)
    for method in ("BREW", "MADEUP", "PATCH", "X" * 50):
        user.request(method, "/rooms")
        user.request(method, "/made-up")
    api.client.get("/rooms", headers={"X-Request-Id": "made-up", "User-Agent": "made-up", "Host": "made-up"})
    api.heard()
    new = {series for series in page(api).series() - before}
    assert not [series for series in new if "made" in str(series).lower() or "BREW" in str(series)]
    assert all(dict(labels).get("route") in ROUTES for _, labels in new)


def test_queries_and_drafts_are_measured(api, user, persona, room):
    before = page(api)
    user.draft(persona, room)
    after = page(api)
    for name, labels in (("db_query_duration_seconds_count", {"query": "personas/create"}),):
        assert after.value(name, **labels) >= before.value(name, **labels)
    labels = {"operation": "post_draft", "provider": "mock"}
    assert after.value("llm_requests_total", **labels,
                       status="ok") == before.value("llm_requests_total", **labels, status="ok") + 1
    assert after.value("llm_request_duration_seconds_count",
                       **labels) == before.value("llm_request_duration_seconds_count", **labels) + 1
    user.get("/rooms")
    assert page(api).value("db_query_duration_seconds_count",
                           query="rooms/list") > before.value("db_query_duration_seconds_count", query="rooms/list")


def test_the_queue_is_seen_on_both_ports(api, worker, database):
    """Read in the background: every 2 s, or less often where a reading takes long."""
    database.execute("INSERT INTO jobs (job_type, available_at, created_at) "
                     "SELECT 'generate_reply', now() + interval '1 hour', now() - interval '50 s' "
                     "FROM generate_series(1, 7)")
    try:
        for service in (api, worker):
            eventually(lambda: page(service).value("queue_depth", type="generate_reply") == 7, within=15)
    finally:
        database.execute("DELETE FROM jobs WHERE post_id IS NULL AND job_type = 'generate_reply'")
    for service in (api, worker):
        eventually(lambda: page(service).value("queue_depth", type="generate_reply") == 0, within=15)


def test_connections_and_the_build_are_named(service):
    found = page(service)
    assert found.value("db_connections") >= 1
    (labels,) = [dict(pairs) for name, pairs in found.series() if name == "build_info"]
    assert labels["version"] and "commit" in labels
    assert found.value("process_resident_memory_bytes") > 1 << 20


@pytest.mark.parametrize("method, route, its", [
    ("GET", "/readyz", "probe"), ("POST", "/auth/login", "auth"), ("POST", "/rooms/{id}/posts/draft", "model"),
    ("GET", "/templates", "public"), ("POST", "/templates", "authenticated"), ("POST", "/p/{slug}/follow", "public")])
def test_a_routes_class_is_a_label_to_join_with(api, method, route, its):
    assert page(api).value("http_route_info", method=method, route=route, **{"class": its}) == 1
