"""What strangers can make the API hold: bodies before it trusts them, connections, slow ones, answers
that nobody reads. Others don't notice."""
import contextlib
import json
import os
import threading
import time

import pytest

from support.exposition import Page
from support.latency import assert_quick
from support.people import new_email, persona_fields, sign_up
from support.program import Api, release_binary
from support.redis import Redis
from support.waiting import eventually
from support.wire import Connection, chunked, request

MIB = 1 << 20
ROOMY = 50_000  # bytes of a body that no route refuses for its size, but the small ones
HEALTH = request("GET", "/healthz")


class SmallApi(Api):
    """One that may have few descriptors: 1 thread, and so room for 224 clients."""
    under = ["prlimit", "--nofile=400", *Api.under]
    CLIENTS = 224

    def __init__(self, database_url, **settings):
        super().__init__(database_url, API_THREADS=1, LLM_MAX_CONCURRENCY=64, DB_POOL_SIZE=4,
                         LISTEN_ADDRESS="127.0.0.1", **settings)


@pytest.fixture
def released(database):
    """The release build: sanitizers keep what is freed, and take their time."""
    with Api(database.url, program=release_binary()) as api:
        yield api


def resident(api):
    with open(f"/proc/{api.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def shed(api, reason):
    return Page(api.metrics()).value("http_requests_shed_total", reason=reason)


@contextlib.contextmanager
def connections(port, count, source="127.0.0.1", within=10):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Connection(port, within, source)) for _ in range(count)]


def announced(method, path, size, *headers):
    """The headers alone of a request with a body."""
    return request(method, path, f"Content-Length: {size}", *headers)


def asked(connection, data):
    connection.send(data)
    return connection.answer()


def waits(api, source, count, data=HEALTH, expected=200):
    """How long each of `count` requests took, a new connection each, in seconds."""
    durations = []
    for _ in range(count):
        started = time.perf_counter()
        with Connection(api.port, source=source) as connection:
            assert asked(connection, data).status_code == expected
        durations.append(time.perf_counter() - started)
    return durations


def assert_nobody_waits(api, source="127.0.0.9", data=HEALTH, count=200):
    assert_quick(waits(api, source, count, data), 0.050)


# ---- bytes before trust ----

def refusals(user):
    token = f"Authorization: Bearer {user.token}"
    return {"no token": (announced("POST", "/personas", ROOMY), 401, "missing auth header"),
            "bad token": (announced("POST", "/personas", ROOMY, token + "x"), 401, "invalid token"),
            "no route": (announced("POST", "/nowhere", ROOMY, token), 404, "not found"),
            "no method": (announced("PUT", "/rooms", ROOMY, token), 405, "method not allowed"),
            "too large": (announced("POST", "/personas", 65537, token), 413, "request body too large"),
            "too large, no token": (announced("POST", "/personas", 1 << 40), 401, "missing auth header"),
            "chunks": (request("POST", "/personas", "Transfer-Encoding: chunked") + b"1\r\n{\r\n", 401,
                       "missing auth header")}


@pytest.mark.parametrize("why", ["no token", "bad token", "no route", "no method", "too large", "too large, no token",
                                 "chunks"])
def test_a_refusal_waits_for_no_body(api, user, why):
    data, status, sentence = refusals(user)[why]
    with Connection(api.port) as connection:
        answer = asked(connection, data)
        assert (answer.status_code, json.loads(answer.body)["error"]) == (status, sentence)
        assert answer.headers["connection"] == "close"
        assert connection.closed()


def test_a_limit_is_looked_at_before_the_body(start):
    limited = start(Api, RATE_LIMIT_AUTH="1/1h")
    body = json.dumps({"email": new_email(), "password": "long enough"})
    with Connection(limited.port) as connection:
        assert asked(connection, request("POST", "/auth/signup", body=body)).status_code == 201
        answer = asked(connection, announced("POST", "/auth/signup", len(body)))
        assert (answer.status_code, answer.headers["ratelimit"][:10]) == (429, '"auth";r=0')
        assert connection.closed()


def test_a_block_is_looked_at_before_the_body(start, database):
    blocking = start(Api, TRUSTED_PROXIES="127.0.0.1/32")
    database.execute("INSERT INTO blocked_addresses (cidr) VALUES ('203.0.113.7')")
    blocked = announced("POST", "/auth/signup", ROOMY, "X-Forwarded-For: 203.0.113.7")

    def is_refused():
        with Connection(blocking.port) as connection:
            return asked(connection, blocked).status_code == 403
    try:
        eventually(is_refused, within=5)
    finally:
        database.execute("DELETE FROM blocked_addresses")


def test_what_is_refused_without_a_body_leaves_the_connection_usable(api):
    with Connection(api.port) as connection:
        for method, path, status in (("POST", "/personas", 401), ("POST", "/nowhere", 404), ("DELETE", "/rooms", 405),
                                     ("GET", "/healthz", 200)) * 3:
            assert asked(connection, request(method, path, "Content-Length: 0")).status_code == status


def test_who_waits_for_a_go_ahead_gets_it_only_where_the_body_is_wanted(api, user):
    body = json.dumps(persona_fields())
    wanted = announced("POST", "/personas", len(body), "Expect: 100-continue", f"Authorization: Bearer {user.token}")
    with Connection(api.port) as connection:
        connection.send(wanted)
        assert connection.goes_ahead()
        assert asked(connection, body).status_code == 201
        answer = asked(connection, announced("POST", "/personas", len(body), "Expect: 100-continue"))
        assert answer.status_code == 401
        assert connection.closed()


@pytest.mark.parametrize("headers", [[], ["Authorization: Bearer x"]], ids=["no token", "bad token"])
def test_a_client_that_sends_its_whole_body_sees_the_refusal(api, headers):
    for _ in range(30):
        with Connection(api.port) as connection:
            connection.send(announced("POST", "/personas", 3 * MIB, *headers))
            connection.send(b"x" * (3 * MIB))
            assert connection.answer().status_code == 401


@pytest.mark.parametrize("body", [b"x" * 20_000, chunked(b"x" * 20_000), b""], ids=["length", "chunks", "nothing"])
@pytest.mark.parametrize("redis_is_there", [True, False])
def test_a_limit_that_redis_counts_holds_the_body_up_for_a_moment(start, redis_is_there, body):
    """The body is there at once, and the verdict comes later."""
    with Redis() as redis:
        limited = start(Api, REDIS_URL=redis.url, RATE_LIMIT_TEMPLATE_CREATE="3/1h")
        user = sign_up(limited)
        eventually(lambda: Page(limited.metrics()).value("rate_limit_shared") == 1)
        redis_is_there or redis.freeze()
        try:
            headers = [f"Authorization: Bearer {user.token}"]
            headers += ["Transfer-Encoding: chunked"] if body.startswith(b"4e20") else []
            statuses = []
            for _ in range(4):
                with Connection(limited.port) as connection:
                    statuses.append(asked(connection, request("POST", "/templates", *headers, body=body)).status_code)
            assert statuses == [400, 400, 400, 429]
        finally:
            redis.thaw()


def test_300_uploads_of_1_mb_without_a_token_take_no_memory(released):
    """They are sent as far as the server takes them, and all at once."""
    with contextlib.ExitStack() as stack:
        waits(released, "127.0.0.1", 20)
        before = resident(released)
        uploads = [stack.enter_context(Connection(released.port)) for _ in range(300)]
        for upload in uploads:
            upload.send(announced("POST", "/personas", MIB))
            upload.send(b"x" * (MIB - 1))
        most = resident(released)
        assert [upload.answer().status_code for upload in uploads] == [401] * 300
        most = max(most, resident(released))
    print(f"{(most - before) / MIB:.1f} MiB more")
    assert most - before < 16 * MIB


def test_unfinished_bodies_share_a_bound_and_the_slowest_make_room(released):
    """1,300 bodies of 60,000 bytes each would be 74 MiB."""
    user = sign_up(released)
    released.expect_errors("http_request")
    part = announced("POST", "/personas", 60_000, f"Authorization: Bearer {user.token}") + b" " * 59_990
    before = resident(released)
    with connections(released.port, 1300) as slow:
        for connection in slow:
            connection.send(part)
        eventually(lambda: shed(released, "memory") > 0)
        print(f"{(resident(released) - before) / MIB:.1f} MiB more")
        assert resident(released) - before < 120 * MIB
        eventually(lambda: user.post("/personas", json=persona_fields()).status_code == 201, within=5)
    eventually(lambda: user.post("/personas", json=persona_fields()).status_code == 201, within=5)


def reads_of_much(api, database, personas):
    """A request, and the bytes of its answer: the personas that a user has written all into."""
    user = sign_up(api)
    database.execute("INSERT INTO personas (user_id, name, do_not_say) "
                     "SELECT %s, 'Ada', to_jsonb(array_fill(repeat('🦊', 120), ARRAY[50])) FROM generate_series(1, %s)",
                     user.id, personas)
    return request("GET", "/personas", f"Authorization: Bearer {user.token}"), len(user.get("/personas").content)


def in_flight(api):
    return Page(api.metrics()).value("http_requests_in_flight")


def test_answers_that_nobody_reads_share_a_bound(released, database):
    """Clients that read nothing leave the kernel some of the answer, and the server the rest."""
    read, size = reads_of_much(released, database, 150)
    before = resident(released)
    with connections(released.port, 100, "127.0.0.2") as slow:
        for connection in slow:
            connection.send(read)
        eventually(lambda: in_flight(released) == 1, within=30)
        eventually(lambda: resident(released) - before < 110 * MIB, within=10)
        assert asked_new(released, "127.0.0.9", HEALTH).status_code == 200
        print(f"{100 * size / MIB:.0f} MiB of answers, {(resident(released) - before) / MIB:.1f} MiB more")
    assert 100 * size > 300 * MIB


def asked_new(api, source, data):
    with Connection(api.port, source=source) as connection:
        return asked(connection, data)


# ---- connections ----

def test_a_client_may_have_n_connections_and_not_one_more(start):
    capped = start(Api, CONNECTIONS_PER_ADDRESS=20)
    capped.expect_errors("http_request")
    mine = "127.0.0.2"
    with connections(capped.port, 20, mine) as all_of_mine:
        assert [asked(connection, HEALTH).status_code for connection in all_of_mine] == [200] * 20
        with Connection(capped.port, source=mine) as one_more:
            answer = asked(one_more, request("GET", "/rooms"))
            assert (answer.status_code, json.loads(answer.body)["error"]) == (503, "server is busy")
            assert answer.headers["retry-after"] == "1"
            assert one_more.closed()
        with Connection(capped.port, source=mine) as probe:
            assert asked(probe, HEALTH).status_code == 200
            assert probe.closed()
        with Connection(capped.port, source=mine) as silent:
            assert silent.closed(within=4)
        assert asked_new(capped, "127.0.0.3", request("GET", "/rooms")).status_code == 401
        assert asked(all_of_mine[0], request("GET", "/rooms")).status_code == 401
    eventually(lambda: asked_new(capped, mine, request("GET", "/rooms")).status_code == 401)


def test_who_has_all_and_wants_more_is_closed_at_once(start):
    capped = start(Api, CONNECTIONS_PER_ADDRESS=5, API_THREADS=1)
    capped.expect_errors("http_request")
    with connections(capped.port, 5, "127.0.0.2") as all_of_mine:
        assert [asked(connection, HEALTH).status_code for connection in all_of_mine] == [200] * 5
        started = time.monotonic()
        with connections(capped.port, 100, "127.0.0.2") as more:
            assert all(connection.closed(within=5) for connection in more)
            assert asked_new(capped, "127.0.0.3", HEALTH).status_code == 200
        assert time.monotonic() - started < 5


def test_a_trusted_proxy_may_have_any_number(start):
    proxied = start(Api, CONNECTIONS_PER_ADDRESS=5, TRUSTED_PROXIES="127.0.0.2/32")
    with connections(proxied.port, 50, "127.0.0.2") as many:
        assert [asked(connection, request("GET", "/rooms")).status_code for connection in many] == [401] * 50


def test_where_connections_run_out_health_is_answered_and_the_silent_make_room(start):
    small = start(SmallApi, CONNECTIONS_PER_ADDRESS=100)
    small.expect_errors("http_request")
    with contextlib.ExitStack() as stack:
        for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            stack.enter_context(connections(small.port, 100, source))
        assert waits(small, "127.0.0.9", 20)[-1] < 1
        read = request("GET", "/rooms")
        eventually(lambda: {asked_new(small, "127.0.0.9", read).status_code for _ in range(50)} == {401}, within=10)


def test_where_all_connections_work_health_is_answered(start, database):
    """Nobody can make room: their requests wait for a lock in the database."""
    small = start(SmallApi, CONNECTIONS_PER_ADDRESS=1000, API_REQUEST_TIMEOUT="30s", DB_QUERY_TIMEOUT="30s")
    user = sign_up(small)
    small.expect_errors("http_request")
    with database.connect() as locker, connections(small.port, SmallApi.CLIENTS, "127.0.0.2") as busy:
        locker.execute("BEGIN")
        locker.execute("LOCK TABLE personas IN ACCESS EXCLUSIVE MODE")
        for connection in busy:
            connection.send(request("GET", "/personas", f"Authorization: Bearer {user.token}"))

        def is_full():
            return asked_new(small, "127.0.0.9", request("GET", "/rooms")).status_code == 503
        eventually(is_full)
        for _ in range(100):
            assert asked_new(small, "127.0.0.9", HEALTH).status_code == 200
        locker.rollback()
        assert {connection.answer().status_code for connection in busy} == {200}


def test_5000_idle_connections_of_one_address_disturb_nobody(released):
    before = resident(released)
    with connections(released.port, 5000, "127.0.0.2") as idle:
        assert asked(idle[-1], HEALTH).status_code == 200
        print(f"{(resident(released) - before) / MIB:.1f} MiB more")
        assert_nobody_waits(released)


# ---- slowness ----

@contextlib.contextmanager
def dripping(slow, data):
    """Each connection sends a byte of `data` after another, every few hundred milliseconds."""
    stopped = threading.Event()

    def drip():
        for at in range(len(data)):
            for connection in slow:
                connection.send(data[at:at + 1])
            if stopped.wait(0.2):
                return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def test_slow_headers_disturb_nobody(released):
    with connections(released.port, 500, "127.0.0.2") as slow:
        for connection in slow:
            connection.send(b"GET /rooms HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        with dripping(slow, b"a" * 1000):
            assert_nobody_waits(released)


def test_slow_bodies_disturb_nobody(released):
    user = sign_up(released)
    with connections(released.port, 500, "127.0.0.2") as slow:
        for connection in slow:
            connection.send(announced("POST", "/personas", ROOMY, f"Authorization: Bearer {user.token}"))
        with dripping(slow, b" " * 1000):
            assert_nobody_waits(released)


def test_slow_readers_disturb_nobody(released, database):
    read, _ = reads_of_much(released, database, 10)
    with connections(released.port, 300, "127.0.0.2") as slow:
        for connection in slow:
            connection.send(read * 5)
        # Not only for a moment: each has five answers, one after the other.
        eventually(lambda: all(in_flight(released) == 1 for _ in range(20)), within=30)
        assert_nobody_waits(released, data=request("GET", "/rooms", f"Authorization: Bearer {sign_up(released).token}"))


@pytest.mark.parametrize("headers", [[f"X-{n}: {'a' * 100}" for n in range(90)],
                                     ["Cookie: " + "; ".join(f"c{n}=1" for n in range(1200))],
                                     ["Cookie: a=b"] * 90, ["Authorization: Bearer " + "a." * 4000],
                                     ["X-Forwarded-For: " + "1.1.1.1, " * 900]],
                         ids=["many", "many cookies", "cookie lines", "long token", "many hops"])
def test_large_headers_of_any_kind_cost_nobody_time(released, headers):
    with Connection(released.port, source="127.0.0.2") as connection:
        for _ in range(100):
            started = time.perf_counter()
            answer = asked(connection, request("GET", "/p/" + "a" * 2000 + "?cursor=" + "%2d" * 300, *headers))
            assert answer is None or answer.status_code in (400, 404, 431), answer
            if not answer or answer.headers.get("connection") == "close":
                return
            assert time.perf_counter() - started < 1
