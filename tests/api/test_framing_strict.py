"""HTTP/1.1 read strictly: one table of what clients send and what comes back, each case in one
piece and byte by byte; and what depends on time, order or the end of a connection."""
import itertools
import json
import socket
import time

import pytest

from support.framing_cases import CASES, EVENT, LAST, N, get, head, in_chunks, post, with_own_ids
from support.people import new_email, sign_up
from support.program import Api
from support.strict_http import read_answers, read_requests, what_is_wrong
from support.wire import Connection, chunked, request

SECURITY = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
            "permissions-policy": "geolocation=(), microphone=(), camera=()"}
MIB = 1 << 20
SOON = 1  # second
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, API_READ_TIMEOUT="2s", TRUSTED_PROXIES="127.0.0.1") as api:
        yield api


def assert_refusal(api, answer, status):
    """Whatever is wrong with a request, its refusal is an answer like any other, and the last."""
    assert answer.status_code == status
    assert answer.closes
    assert SECURITY.items() <= answer.headers.items()
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    envelope = json.loads(answer.body)
    assert set(envelope) == {"error", "code", "request_id"} and envelope["error"] and envelope["code"]
    assert envelope["request_id"] == answer.headers["x-request-id"]
    request_id = answer.headers["x-request-id"]
    api.log.wait_for("http_request", within=5, request_id=request_id)
    assert [line["status"] for line in api.log.find("http_request", request_id=request_id)] == [status]


# ---- the table ----


def in_one_piece(connection, data):
    connection.send(data)


def byte_by_byte(connection, data):
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    step = 1 if len(data) < 4000 else len(data) // 1000
    for at in range(0, len(data), step):
        if not connection.send(data[at:at + step]):
            return


@pytest.mark.parametrize("send", [in_one_piece, byte_by_byte])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_sent_is_read_strictly(api, case, send):
    sent = with_own_ids(case.sent + LAST, numbers)
    with Connection(api.port) as connection:
        send(connection, sent)
        said = connection.everything()
    answers = read_answers(said, read_requests(sent).bodies)
    assert [answer.status_code for answer in answers] == [*case.statuses, *([] if case.ends else [200])], said
    assert what_is_wrong(sent, said) is None
    if case.is_refused:
        assert_refusal(api, answers[-1], case.statuses[-1])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_strict_reader_sees_what_the_table_says(case):
    """So the table holds the fuzzer's judge, and the judge the table."""
    seen = read_requests(case.sent + LAST)
    broken = seen.is_broken
    if case.kind == "limit":  # those are the server's own
        assert not broken
        return
    assert len(seen.heads) + broken == len(case.statuses) + (not case.ends)
    assert not broken or case.statuses[-1] == 400
    assert [head.id for head in seen.heads[len(case.statuses):]] == ([] if case.ends else ["id-999999"])


# ---- values ----


def said_by(api, *parts):
    """The answers to requests, the last of which ends the connection."""
    with Connection(api.port) as connection:
        connection.send(b"".join(parts))
        return read_answers(connection.everything())


@pytest.mark.parametrize("blanks", [" ", "\t", " \t \t"], ids=["blank", "tab", "both"])
def test_blanks_around_a_value_are_no_part_of_it(api, blanks):
    def ask(target, *lines, method="GET", body=""):
        """Blanks before and behind each value."""
        lines = [line.replace(": ", ":" + blanks) + blanks for line in [*lines, "Connection: close"]]
        return said_by(api, request(method, target, *lines, body=body))[0]

    user = sign_up(api)
    assert ask("/rooms", f"Authorization: Bearer {user.token}").status_code == 200
    page = "http://localhost:3000"
    assert ask("/healthz", f"Origin: {page}").headers["access-control-allow-origin"] == page
    event = "Content-Type: application/json", f"Origin: {page}", f"Content-Length: {N}"
    assert ask("/events", *event, method="POST", body=EVENT).status_code == 202
    tag = api.client.get("/openapi.json").headers["ETag"]
    for known in (tag, "*", f'"other", {tag}'):
        assert ask("/openapi.json", f"If-None-Match: {known}").status_code == 304
    client = "198.51.100.77"
    refused = ask("/rooms", f"X-Forwarded-For: {client}")
    assert refused.status_code == 401
    assert api.log.wait_for("http_request", request_id=refused.headers["x-request-id"])["client"] == client


def test_two_lines_of_tags_are_one_list(api):
    tag = api.client.get("/openapi.json").headers["ETag"]
    for lines in (['"other"', tag], [tag, '"other"'], ['"a", "b"', f'"c", {tag}']):
        asked = request("GET", "/openapi.json", *[f"If-None-Match: {line}" for line in lines])
        assert [answer.status_code for answer in said_by(api, asked, LAST)] == [304, 200], lines


def test_options_of_the_server_itself_names_all_methods(api):
    (answer, _) = said_by(api, head("OPTIONS * HTTP/1.1"), LAST)
    assert (answer.status_code, answer.body) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}
    assert SECURITY.items() <= answer.headers.items()


@pytest.mark.parametrize("target, route", [("/%68ealthz", "/healthz"), ("/%70/a%2Db", "/p/{slug}"),
                                           ("http://any.host/%68ealthz?x", "/healthz"), ("/%2Fhealthz", "unmatched")])
def test_a_coded_path_counts_as_its_route(api, target, route):
    (answer, _) = said_by(api, request("GET", target), LAST)
    assert api.log.wait_for("http_request", request_id=answer.headers["x-request-id"])["route"] == route


# ---- HEAD, HTTP/1.0, the go-ahead ----


def test_head_has_the_length_and_no_body(api):
    with Connection(api.port) as connection:
        connection.send(request("HEAD", "/healthz") + LAST)
        first, last = read_answers(connection.everything(), [False, True])
    assert (first.headers["content-length"], first.body) == (last.headers["content-length"], b"")


@pytest.mark.parametrize("asked, says", [("keep-alive", "keep-alive"), ("KEEP-Alive", "keep-alive"), ("x", "close"),
                                         (None, "close")])
def test_an_old_client_is_told_whether_its_connection_stays(api, asked, says):
    old = head("GET /healthz HTTP/1.0", *([f"Connection: {asked}"] if asked else []))
    answers = said_by(api, old, LAST)
    assert len(answers) == (2 if says == "keep-alive" else 1)
    assert answers[0].headers.get("connection", "close").lower() == says


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_only_a_new_client_gets_the_go_ahead(api, version):
    """An old one would take it for the answer. Its body comes anyway."""
    with Connection(api.port) as connection:
        connection.send(head(f"POST /events HTTP/{version}", f"Content-Length: {N}", "Expect: 100-Continue",
                             "Connection: close"))
        if version == "1.1":
            assert connection.goes_ahead()
        connection.send(EVENT)
        said = connection.everything()
    assert said.startswith(b"HTTP/1.1 202 ")


# ---- what comes late, or never ----

CUT = {"header": get()[:-2], "half a header": get()[:-20], "body": post(f"Content-Length: {N}")[:-1],
       "chunk": in_chunks(f"{N:x}\r\n", EVENT[:-1]), "size": in_chunks("1"), "trailers": in_chunks("0\r\nX-A: a\r\n")}


@pytest.mark.parametrize("sent", CUT.values(), ids=CUT.keys())
def test_what_never_ends_is_refused_in_time(api, sent):
    with Connection(api.port) as connection:
        started = time.monotonic()
        connection.send(with_own_ids(sent, numbers))
        (answer,) = read_answers(connection.everything(within=15))
        assert 1.5 < time.monotonic() - started < 15
    assert_refusal(api, answer, 408)


WAYS = {"announced": request("POST", "/events", f"Content-Length: {3 * MIB}", body=b"x" * (3 * MIB)),
        "one chunk": request("POST", "/events", "Transfer-Encoding: chunked", body=chunked(b"x" * (3 * MIB))),
        "many chunks": request("POST", "/events", "Transfer-Encoding: chunked", body=chunked(*[b"x" * 1000] * 3100))}


@pytest.mark.parametrize("way", WAYS)
def test_who_sends_far_too_much_sees_the_refusal(api, way):
    """In 30 of 30 tries: a reset would take the answer with it."""
    for _ in range(30):
        with Connection(api.port) as connection:
            connection.send(WAYS[way])
            (answer,) = read_answers(connection.everything())
        assert answer.status_code == 413
    assert_refusal(api, answer, 413)


# ---- the client's end of a connection ----


def signup():
    return request("POST", "/auth/signup", body=json.dumps({"email": new_email(), "password": "long enough"}))


def read_rooms(token):
    return request("GET", "/rooms", f"Authorization: Bearer {token}")


HALF_CLOSED = {"alive": (lambda token: request("GET", "/healthz"), 200),
               "a read": (lambda token: read_rooms(token), 200),
               "a write": (lambda token: signup(), 201),
               "chunks": (lambda token: in_chunks(chunked(EVENT)), 202),
               "a pipeline": (lambda token: get() * 9 + read_rooms(token), 200)}


def sent_with_the_end(connection, data):
    """One packet has both."""
    connection.socket.send(data, socket.MSG_MORE)
    connection.finish_sending()


def sent_before_the_end(connection, data):
    connection.send(data)
    connection.finish_sending()


@pytest.mark.parametrize("send", [sent_with_the_end, sent_before_the_end])
@pytest.mark.parametrize("what", HALF_CLOSED)
def test_who_has_said_all_gets_the_whole_answer(api, what, send):
    build, status = HALF_CLOSED[what]
    user = sign_up(api)
    for _ in range(10):
        with Connection(api.port) as connection:
            data = build(user.token)
            send(connection, data)
            answers = []
            while len(answers) < data.count(b" HTTP/1.1\r\n"):
                answers.append(connection.answer())
            assert answers[-1] and answers[-1].status_code == status
            assert len(answers[-1].body) == int(answers[-1].headers["content-length"])
            assert connection.everything(within=SOON) == b""


LEFT = {"nothing": b"", "an empty line": b"\r\n", "a method": b"GET", "a header": get()[:-2],
        "a body": post(f"Content-Length: {N}")[:-1], "a chunk": in_chunks("1d\r\n{")}


@pytest.mark.parametrize("sent", LEFT.values(), ids=LEFT.keys())
def test_who_leaves_in_the_middle_is_let_go(api, sent):
    for send in (sent_with_the_end, sent_before_the_end) * 5:
        with Connection(api.port) as connection:
            send(connection, sent)
            answers = read_answers(connection.everything(within=SOON))
        assert [(answer.status_code, answer.closes) for answer in answers] in ([], [(400, True)], [(408, True)])


# ---- pipelines ----


def pipeline(count):
    """Requests of different sizes, some with a body."""
    requests = []
    for n in range(count):
        lines = [f"X-Request-Id: in-order-{n}", "X-A: " + "a" * (n % 7)]
        requests.append(request("GET", "/healthz", *lines) if n % 3 else
                        request("POST", "/events", "Transfer-Encoding: chunked", *lines, body=chunked(EVENT)))
    return requests


def test_a_pipeline_is_answered_in_order_wherever_it_is_cut(api):
    """The second piece is sent when the whole requests of the first are answered, so the server has
    read up to the cut."""
    requests = pipeline(50)
    data = b"".join(requests)
    ends = [len(b"".join(requests[:n + 1])) for n in range(len(requests))]
    for cut in range(1, len(data), 23):
        with Connection(api.port) as connection:
            connection.send(data[:cut])
            whole = sum(end <= cut for end in ends)
            answers = [connection.answer() for _ in range(whole)]
            connection.send(data[cut:])
            answers += [connection.answer() for _ in range(len(requests) - whole)]
        assert [answer.headers["x-request-id"] for answer in answers] == [f"in-order-{n}" for n in range(50)], cut
        assert [answer.status_code for answer in answers] == [200 if n % 3 else 202 for n in range(50)], cut


def test_three_requests_may_be_cut_anywhere(api):
    data = b"".join(pipeline(3))
    for cut in range(1, len(data)):
        with Connection(api.port) as connection:
            connection.send(data[:cut])
            connection.send(data[cut:] + LAST)
            assert [answer.status_code for answer in read_answers(connection.everything())] == [202, 200, 200, 200], cut
