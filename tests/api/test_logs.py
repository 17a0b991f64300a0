"""Logs: one JSON object a line, one `http_request` a request,
no secrets, and never in the way of the service."""
import fcntl
import json
import re
import signal

import pytest

from support.exposition import Page
from support.people import new_email, persona_fields
from support.program import JWT_SECRET, Api
from support.waiting import eventually
from support.wire import Connection, request

F_SETPIPE_SZ = 1031


def one_line(api, request_id):
    api.heard()
    lines = api.log.find("http_request", request_id=request_id)
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize("method, path, route, status, level", [
    ("GET", "/rooms", "/rooms", 200, "info"),
    ("GET", "/personas/x?secret=1", "/personas/{id}", 400, "info"),
    ("GET", "/personas/7d444840-9dc0-41d1-b245-5ffdce74fad2", "/personas/{id}", 404, "info"),
    ("DELETE", "/rooms", "unmatched", 405, "info"),
    ("GET", "/nope", "unmatched", 404, "info"),
    ("HEAD", "/rooms", "/rooms", 200, "info"),
    ("POST", "/personas", "/personas", 201, "info"),
])
def test_every_request_is_one_line_with_these_fields(api, user, method, path, route, status, level):
    request_id = f"line-{method}-{status}-{route.count('/')}{len(path)}"
    user.request(method, path, headers={"X-Request-Id": request_id},
                 **({"json": persona_fields()} if method == "POST" else {}))
    line = one_line(api, request_id)
    assert (line["route"], line["status"], line["level"], line["service"]) == (route, status, level, "api")
    assert line["method"] in (method, "GET" if method == "HEAD" else method)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["ts"])
    assert 0 <= line["latency_ms"] < 5000
    if status in (200, 201):
        assert line["user_id"] == user.id


def test_a_method_that_is_a_clients_own_text_is_not_logged(api):
    api.client.request("S3CRET", "/rooms", headers={"X-Request-Id": "own-method"})
    assert api.log.wait_for("http_request", request_id="own-method")["method"] == "OTHER"


def test_a_request_that_could_not_be_read_is_a_line_too(api):
    with Connection(api.port) as connection:
        connection.send(request("POST", "/auth/login", "Content-Length: 1", "Content-Length: 2",
                                "X-Request-Id: framed-badly", body="{}"))
        assert connection.answer().status_code == 400
    eventually(lambda: api.log.find("http_request", status=400))


def test_nothing_that_a_user_says_or_keeps_secret_is_logged(api, user, room):
    planted = {
        "password": "planted-password-1", "name": "Planted Name", "content": "planted content",
        "query": "planted-query", "header": "planted-header",
        "path": "planted-path", "email": new_email("planted-email"), "field": "planted_field", "token": "planted-token",
        "agent": "planted-agent",
    }
    api.client.post("/auth/signup", json={"email": planted["email"], "password": planted["password"]})
    api.client.post("/auth/login", json={"email": planted["email"], "password": planted["password"] + "x"})
    persona = user.persona(name=planted["name"])
    user.publish(persona, room, planted["content"])
    user.post("/personas", json={planted["field"]: 1})
    user.post("/personas", content=f'{{"name": {planted["content"]}')
    user.get("/rooms", params={"q": planted["query"]},
             headers={"X-Other": planted["header"], "User-Agent": planted["agent"]})
    api.client.get(f"/rooms/{planted['path']}/posts", headers={"Authorization": f"Bearer {planted['token']}"})
    api.client.get(f"/{planted['path']}")
    api.heard()
    text = json.dumps(api.log.lines, ensure_ascii=False)
    for secret in [*planted.values(), user.token, JWT_SECRET, "postgres://"]:
        assert secret not in text, secret


def attempt(api, request_id, path, email, password, client="198.51.100.9"):
    """The log line of a sign-up or login from that address."""
    api.client.post(path, json={"email": email, "password": password},
                    headers={"X-Request-Id": request_id, "X-Forwarded-For": client})
    return one_line(api, request_id)


def test_attempts_at_an_account_can_be_traced(start):
    """By the client's address and a mark of the account, which tells nobody the address."""
    api = start(Api, TRUSTED_PROXIES="127.0.0.1", RATE_LIMIT_LOGIN_FAILURE="1/1h")
    email, unknown = new_email(), new_email()
    lines = [attempt(api, f"trace-{n}", *act) for n, act in enumerate([
        ("/auth/signup", email, "long enough"), ("/auth/login", email, "long enough"),
        ("/auth/login", email.upper(), "wrong password"), ("/auth/login", email, "long enough"),
        ("/auth/signup", email, "long enough"), ("/auth/signup", email, "short"),
        ("/auth/login", unknown, "wrong password")])]
    assert [line["status"] for line in lines] == [201, 200, 401, 429, 409, 400, 401]
    assert {line["client"] for line in lines} == {"198.51.100.9"}
    *known, stranger = [line.get("account") for line in lines]
    assert known[:5] == [known[0]] * 5 and re.fullmatch(r"[0-9a-f]{16}", known[0]) and stranger != known[0]
    assert lines[0]["user_id"] == lines[1]["user_id"] and "user_id" not in lines[2]
    (limited,) = api.log.find("rate_limited", request_id="trace-3")
    assert (limited["client"], limited["account"]) == ("198.51.100.9", known[0])
    other = start(Api, TRUSTED_PROXIES="127.0.0.1", JWT_SECRET="another-secret-of-the-tests-for-marks")
    assert attempt(other, "trace-other", "/auth/login", email, "long enough")["account"] != known[0]


def test_refused_callers_can_be_traced(start, user):
    api = start(Api, TRUSTED_PROXIES="127.0.0.1")
    for token, traced in ((None, True), ("x", True), (user.token, False)):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        api.client.get("/rooms", headers=headers | {"X-Request-Id": f"refused-{token and token[:9]}",
                                                    "X-Forwarded-For": "198.51.100.8"})
        line = one_line(api, f"refused-{token and token[:9]}")
        assert line.get("client") == ("198.51.100.8" if traced else None)


def test_the_databases_password_is_never_logged(database, start):
    """Nor in readyz's reason, nor in the metrics."""
    host = database.cluster.url().split("@")[1].split("/")[0]
    wrong = Api(f"postgres://postgres:planted-db-password@{host}/no_such_database?sslmode=disable").launch()
    try:
        eventually(lambda: wrong.log.find("not_ready"), within=10)
        status, body = wrong.readiness()
        assert status == 503 and body["error"].startswith("database ping failed: ")
        assert "planted-db" not in json.dumps(wrong.log.lines) + json.dumps(body) + wrong.metrics() + wrong.stderr()
        wrong.expect_errors("not_ready", "http_request")
    finally:
        wrong.stop()


def test_control_characters_cannot_forge_a_line(api):
    """What comes from outside into a field is escaped:
    each line is one object (the reader refuses raw control characters), and it is ours."""
    for line in (b"GET /a%0a%7b%22level%22:%22error%22%7d\x1b[31m HTTP/1.1", b"BREW\x07 /rooms HTTP/1.1",
                 b'BREW","level":"error /rooms HTTP/1.1'):
        with Connection(api.port) as connection:
            connection.send(line + b"\r\nHost: x\r\nX-Request-Id: a\x1bb\r\n\r\n")
            connection.answer()
    api.heard()
    assert not api.log.stray
    assert all({"ts", "level", "msg", "service"} <= set(line) for line in api.log.lines)


def test_a_start_says_what_it_does(start):
    fresh = start(Api)
    fresh.log.wait_for("ready")
    assert [line["msg"]
            for line in fresh.log.lines if line["msg"] in ("api_listening", "ready")] == ["api_listening", "ready"]


def flood(api, n):
    """n requests with fat log lines, over one connection."""
    one = request("GET", "/nope", "X-Request-Id: " + "x" * 128)
    with Connection(api.port) as connection:
        for _ in range(n // 100):
            connection.send(one * 100)
            assert [connection.answer().status_code for _ in range(100)] == [404] * 100


def test_a_pipe_that_nobody_reads_does_not_stop_the_service(database):
    api = Api(database.url, read_log=False).launch()
    fcntl.fcntl(api.process.stdout, F_SETPIPE_SZ, 4096)
    try:
        eventually(api.is_ready, within=15)

        def lines_dropped():
            flood(api, 500)
            return Page(api.metrics()).value("log_lines_dropped_total") > 0

        eventually(lines_dropped, within=60)
        assert api.client.get("/readyz", timeout=1).status_code == 200
    finally:
        api.interrupt()
        api.process.stdout.read()
        api.wait_for_end()


def test_a_pipe_whose_reader_is_gone_does_not_stop_the_service(database):
    api = Api(database.url, read_log=False).launch()
    try:
        eventually(api.is_ready, within=15)
        api.process.stdout.close()
        flood(api, 300)
        assert api.client.get("/readyz", timeout=1).status_code == 200
        api.interrupt(signal.SIGTERM)
    finally:
        api.wait_for_end()


def test_the_log_level_is_a_setting(start):
    quiet = start(Api, LOG_LEVEL="warn")
    quiet.client.get("/rooms")
    quiet.stop()
    assert {line["level"] for line in quiet.log.lines} <= {"warn", "error"}
