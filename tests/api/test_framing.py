"""Where one request ends and the next begins:
what a hostile or broken client may send instead of HTTP.

The promise each time: a clear error or a closed connection in time,
nothing stored, no 500, and nobody else disturbed.
"""
import json

import pytest

from support.exposition import Page
from support.people import new_email, sign_up
from support.program import Api
from support.waiting import eventually
from support.wire import Connection, chunked, request


@pytest.fixture(scope="module")
def api(database):
    """Reads slowly sent requests for a second only."""
    with Api(database.url, API_READ_TIMEOUT="1s", API_IDLE_TIMEOUT="2s") as api:
        yield api


@pytest.fixture(autouse=True)
def nobody_signed_up(api, database):
    """Each body in this file is a sign-up: when it must not count, there is no user more."""
    before = database.count("users")
    expected = []
    yield expected
    assert database.count("users") == before + len(expected)
    assert api.client.get("/healthz").status_code == 200


def signup_body():
    return json.dumps({"email": new_email(), "password": "long enough"})


def signup(*headers, body=None):
    return request("POST", "/auth/signup", *headers, body=signup_body() if body is None else body)


BODY = signup_body()
N = len(BODY)

AMBIGUOUS = {
    "two lengths": [f"Content-Length: {N}", f"Content-Length: {N - 1}"],
    "the same length twice": [f"Content-Length: {N}", f"Content-Length: {N}"],
    "a list of lengths": [f"Content-Length: {N}, {N}"],
    "length and chunked": [f"Content-Length: {N}", "Transfer-Encoding: chunked"],
    "chunked and length": ["Transfer-Encoding: chunked", f"Content-Length: {N}"],
    "space before the length's colon": [f"Content-Length : {N}"],
    "tab before the length's colon": [f"Content-Length\t: {N}"],
    "space before another colon": [f"Content-Length: {N}", "X-Other : 1"],
    "negative length": ["Content-Length: -1"],
    "length with a plus": [f"Content-Length: +{N}"],
    "length with letters": [f"Content-Length: {N}x"],
    "hexadecimal length": [f"Content-Length: {N:#x}"],
    "empty length": ["Content-Length: "],
    "length beyond 64 bits": ["Content-Length: 99999999999999999999999"],
    "length that wraps around 64 bits": [f"Content-Length: {(1 << 64) + N}"],
}


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_an_ambiguous_length_is_refused_and_the_connection_closed(api, headers):
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/signup", *headers, body=BODY) + request("GET", "/healthz"))
        answer = connection.answer()
        assert answer.status_code in ((400, 413) if "99999" in headers[0] or "1844" in headers[0] else (400,)), answer
        assert connection.answer() is None, "what follows an ambiguous request must not be read as a request"


@pytest.mark.parametrize("coding", ["gzip, chunked", "xchunked", "chunked, identity", "identity, chunked, chunked"])
def test_a_transfer_coding_that_is_not_known_is_not_guessed(api, coding):
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/signup", f"Transfer-Encoding: {coding}", body=chunked(BODY.encode())))
        connection.finish_sending()
        answer = connection.answer()
        assert answer is None or answer.status_code in (400, 411, 501), answer
        assert connection.closed()


def test_a_host_is_required_of_http_1_1_alone(api):
    with Connection(api.port) as connection:
        connection.send("GET /healthz HTTP/1.1\r\n\r\n")
        assert connection.answer().status_code == 400
        assert connection.closed()
    with Connection(api.port) as connection:
        connection.send("GET /healthz HTTP/1.0\r\n\r\n")
        assert connection.answer().status_code == 200
        assert connection.closed()


@pytest.mark.parametrize("size", [1000, 20, 1])
def test_a_chunked_body_is_read(api, nobody_signed_up, size):
    body = signup_body().encode()
    parts = [body[start:start + size] for start in range(0, len(body), size)]
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/signup", "Transfer-Encoding: chunked", body=chunked(*parts))
                        + request("GET", "/healthz"))
        assert connection.answer().status_code == 201
        assert connection.answer().body == b'{"ok":true}'
    nobody_signed_up.append(body)


def test_a_chunked_body_may_have_a_trailer(api, nobody_signed_up):
    body = signup_body().encode()
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/signup", "Transfer-Encoding: chunked",
                                body=b"%x\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(body), body)))
        assert connection.answer().status_code == 201
    nobody_signed_up.append(body)


def test_a_chunk_may_have_an_extension(api, nobody_signed_up):
    body = signup_body().encode()
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/signup", "Transfer-Encoding: chunked",
                                body=b"%x;name=value\r\n%s\r\n0\r\n\r\n" % (len(body), body)))
        assert connection.answer().status_code == 201
    nobody_signed_up.append(body)


@pytest.mark.parametrize("last", ["0", "0;name=value"])
def test_what_follows_the_last_chunk_is_no_request(api, last):
    """It stands where trailers stand. Another server in front takes it for them,
    so it must not be answered."""
    body = signup_body()
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/signup", "Transfer-Encoding: chunked",
                                body=f"{len(body):x}\r\n{body}\r\n{last}\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
        assert connection.answer().status_code == 400
        assert connection.closed()


@pytest.mark.parametrize("chunk", [b"zz\r\nabc\r\n", b"-1\r\nabc\r\n", b"\r\nabc\r\n", b"3\r\nabcdef\r\n",
                                   b"ffffffffffffffffff\r\nabc\r\n", b"5 5\r\nabcde\r\n"])
def test_a_broken_chunk_ends_the_connection(api, chunk):
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/signup", "Transfer-Encoding: chunked", body=chunk + b"0\r\n\r\n"))
        connection.finish_sending()
        answer = connection.answer()
        assert answer is None or answer.status_code in (400, 413), answer
        assert connection.closed()


HUGE_BLOCKS = {
    "one long header": ["X-Long: " + "x" * 200_000],
    "many headers": [f"X-{n}: {'x' * 50}" for n in range(5000)],
    "a long cookie": ["Cookie: " + "a=b; " * 40_000],
    "a long token": ["Authorization: Bearer " + "x" * 100_000],
}


@pytest.mark.parametrize("headers", HUGE_BLOCKS.values(), ids=HUGE_BLOCKS.keys())
def test_a_huge_header_block_is_431(api, headers):
    with Connection(api.port) as connection:
        connection.send(request("GET", "/healthz", *headers))
        assert connection.answer().status_code == 431
        assert connection.closed()


@pytest.mark.parametrize("sent",
                         [b"GET /healthz HTTP/1.1\r\n\r\n", signup("Content-Length: 1", "Content-Length: 2", body=""),
                          request("GET", "/" + "a" * 200_000), request("GET", "/healthz", "X-Long: " + "x" * 200_000)],
                         ids=["no host", "two lengths", "long target", "long header"])
def test_an_answer_before_there_is_a_request_is_one_whole_answer(api, sent):
    with Connection(api.port) as connection:
        connection.send(sent)
        answer = connection.answer()
        assert answer.headers["connection"].lower() == "close"
        assert len(answer.body) == int(answer.headers["content-length"]) and not answer.body.startswith(b"HTTP/1.1")
        assert connection.answer() is None


def test_an_endless_target_is_refused(api):
    with Connection(api.port) as connection:
        connection.send(request("GET", "/" + "a" * 200_000))
        assert connection.answer().status_code in (400, 414, 431)
        assert connection.closed()


GARBAGE = {
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "zeros": bytes(1000),
    "no version": b"GET /healthz\r\n\r\n",
    "a version that isn't": b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
    "blanks": b" " * 500 + b"\r\n\r\n",
    "a header without a name": b"GET /healthz HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
    "a NUL in a header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
    "a folded header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n",
    "a bare carriage return": b"GET /healthz HTTP/1.1\r\nHost: x\rX-A: a\r\n\r\n",
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_answered_clearly_or_not_at_all(api, data):
    with Connection(api.port) as connection:
        connection.send(data)
        connection.finish_sending()
        answer = connection.answer()
        assert answer is None or answer.status_code in (200, 400, 404, 405, 431, 505), answer
        assert connection.closed()


@pytest.mark.parametrize("sent_first, dripped", [
    (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 200),
    (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-A: " + b"a" * 200),
    (signup(f"Content-Length: {N}", body="{"), b" " * (N - 2)),
    (signup("Transfer-Encoding: chunked", body="1000\r\n{"), b" " * 400),
], ids=["request line", "header", "body", "chunked body"])
def test_a_request_that_drips_in_is_ended(api, sent_first, dripped):
    with Connection(api.port) as connection:
        connection.send(sent_first)
        took = connection.drip(dripped, every=0.05, for_at_most=6)
        assert 0.8 < took < 3
        answer = connection.answer()
        assert answer is None or answer.status_code == 408, answer
        assert connection.closed()


def test_a_drip_after_a_first_request_is_ended_too(api):
    with Connection(api.port) as connection:
        connection.send(request("GET", "/healthz"))
        assert connection.answer().status_code == 200
        assert connection.drip(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 200, every=0.05, for_at_most=8) < 5


def test_a_silent_connection_is_closed_after_the_idle_timeout(api):
    with Connection(api.port) as silent, Connection(api.port) as used:
        used.send(request("GET", "/healthz"))
        assert used.answer().status_code == 200
        assert silent.closed(within=5)
        assert used.closed(within=6)


@pytest.mark.parametrize("cut", [4, 30, 90, len(signup()) - 1])
def test_half_a_request_and_an_end_is_no_request(api, cut):
    with Connection(api.port) as connection:
        connection.send(signup()[:cut])
        connection.finish_sending()
        answer = connection.answer()
        assert answer is None or answer.status_code in (400, 408), answer
        assert connection.closed()


def test_half_a_request_and_a_reset_disturbs_nobody(api):
    for cut in (1, 20, 60, 100):
        connection = Connection(api.port)
        connection.send(signup()[:cut])
        connection.close()


def test_pipelined_requests_are_answered_in_order(api, database):
    user = sign_up(api)
    try:
        paths = ["/healthz", "/rooms", "/nope", "/personas", "/personas/x", "/readyz"] * 8
        with Connection(api.port) as connection:
            connection.send(b"".join(
                request("GET", path, f"X-Request-Id: in-order-{n}", f"Authorization: Bearer {user.token}")
                for n, path in enumerate(paths)))
            answers = [connection.answer() for _ in paths]
        assert [answer.headers["x-request-id"] for answer in answers] == [f"in-order-{n}" for n in range(len(paths))]
        expected = {"/nope": 404, "/personas/x": 400}
        assert [answer.status_code for answer in answers] == [expected.get(path, 200) for path in paths]
    finally:
        database.execute("DELETE FROM users WHERE id = %s", user.id)


def test_pipelined_bodies_keep_their_bounds(api):
    bad = b'{"email":"x","password":"y"}'
    with Connection(api.port) as connection:
        connection.send((request("POST", "/auth/signup", body=bad) + request("POST", "/auth/login", body=b"{")
                         + request("GET", "/healthz")) * 5)
        assert [connection.answer().status_code for _ in range(15)] == [400, 400, 200] * 5


def test_a_connection_serves_many_requests(api):
    with Connection(api.port) as connection:
        for _ in range(200):
            connection.send(request("GET", "/healthz"))
            assert connection.answer().body == b'{"ok":true}'


def test_a_client_may_ask_for_the_connections_end(api):
    with Connection(api.port) as connection:
        connection.send(request("GET", "/healthz", "Connection: close"))
        assert connection.answer().headers["connection"].lower() == "close"
        assert connection.closed()


def test_a_client_that_waits_for_a_go_ahead_gets_it(api, nobody_signed_up):
    body = signup_body()
    with Connection(api.port) as connection:
        connection.send(signup("Expect: 100-continue", f"Content-Length: {len(body)}", body=""))
        assert connection.goes_ahead()
        connection.send(body)
        assert connection.answer().status_code == 201
    nobody_signed_up.append(body)


def test_a_client_that_leaves_before_its_answer_disturbs_nobody(start, database, nobody_signed_up):
    slow = start(Api, MOCK_LLM_LATENCY="3s")
    user = sign_up(slow)
    persona, room = user.persona(), user.room("go-backend")
    body = json.dumps({"persona_id": persona.id})
    at_rest = in_flight(slow)
    for _ in range(20):
        with Connection(slow.port) as connection:
            connection.send(request("POST", f"/rooms/{room.id}/posts/draft", f"Authorization: Bearer {user.token}",
                                    body=body))
            eventually(lambda: in_flight(slow) > at_rest)
    eventually(lambda: in_flight(slow) == at_rest, within=10)
    assert user.draft(persona, room)
    nobody_signed_up.append(user)


def in_flight(api):
    return Page(api.metrics()).value("http_requests_in_flight")


def test_idle_connections_disturb_nobody(api):
    idle = [Connection(api.port) for _ in range(300)]
    try:
        for _ in range(20):
            assert api.client.get("/readyz", timeout=1).status_code == 200
    finally:
        for connection in idle:
            connection.close()
