"""What attackers send: none of it gets anywhere, breaks anything,
or leaves more than one honest line in the log."""
import re
import uuid
from urllib.parse import unquote

import pytest

from support.openapi import route_table
from support.people import persona_fields
from support.wire import Connection, request

SQL = [
    "' OR '1'='1", "'; DROP TABLE users; --", '" OR ""="', "1; SELECT pg_sleep(5)",
    "') UNION SELECT password_hash FROM users --", "\\'; --", "$1", "${1}", "%s",
    "{0}", "'||pg_sleep(5)||'", "1::uuid", "0x27", "\\x27", "$$;SELECT 1;$$", "/*", "*/", "E'\\047'", "ʼ OR 1=1",
    "null", "NaN", "-1", "9" * 400,
]
PATHS = [
    "/..", "/../", "/rooms/..", "/rooms/../metrics", "/rooms/%2e%2e/personas", "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fetc%2fpasswd", "/..\\..\\etc\\passwd", "/..%5c..%5c",
    "/%252e%252e/", "/rooms%00", "/rooms/%00/posts", "/%00", "/rooms%2f", "/rooms%2F{id}%2Fposts", "//rooms",
    "/rooms//posts", "///", "/./rooms", "/rooms/.", "/rooms/",
    "/rooms;x=1", "/rooms%20", "/rooms%0d%0aX-Injected:%201", "/rooms/%0aposts", "/%c0%ae%c0%ae/", "/%ff%fe", "/%",
    "/%g0", "/%u002e", "/" + "a" * 8000, "/" + "a/" * 4000,
    "/personas/" + "%41" * 2600, "/rooms?" + "x" * 8000, "/rooms?limit[]=1", "/openapi.json/", "/OPENAPI.JSON",
    "/openapi%2ejson", "/.git/config", "/.env", "/~root",
    "/index.php?x=<script>", "/rooms?cursor=%00", "/rooms?cursor=%ff", "/metrics%00.png",
]
HEADERS = [
    b"X-Request-Id: a\rb", b"X-Request-Id: \x1b[31mred", b'X-Request-Id: ","level":"error","msg":"forged',
    b"X-Request-Id: a\x00b", b"X-Request-Id: " + b"a" * 7000,
    b"Authorization: Bearer " + b"a" * 7000, b"Authorization: Bearer \xff\xfe", b"Authorization: bearer",
    b"Authorization: Basic YTpi", b"Authorization:",
    b"Authorization: Bearer a b c", b"Authorization: Bearer ..", b"Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
    b"X-Forwarded-For: 127.0.0.1, evil\t",
    b"X-Forwarded-For: " + b"1.1.1.1," * 700, b"Forwarded: for=\"[::1]\"", b"Origin: null",
    b"Origin: https://evil.example", b"Cookie: pw_remix_intent=\xff; ;;=",
    b"X-HTTP-Method-Override: DELETE", b"If-None-Match: " + b'"' * 2000, b"Range: bytes=0-",
    b"Accept: " + b"*/*," * 1000, b"Content-Type: \xff", b"Expect: nothing",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings", b"Connection: X-Request-Id", b"Transfer-Encoding: gzip",
    b"X: y\r\n folded: z", b"Te: trailers", b": empty",
]
FORGERY = 'x\n{"level":"error","msg":"forged"}\r\n\x1b[2J\u2028\u0085'


@pytest.fixture(autouse=True)
def nothing_moved(database, api):
    """Whatever was sent: the accounts stand, and the log has one JSON line a request,
    none of them forged."""
    users = database.value("SELECT count(*) FROM users")
    yield
    assert database.value("SELECT count(*) FROM users") >= users
    api.heard()
    assert api.log.stray == []
    assert [line for line in api.log.lines if line["msg"] == "forged"] == []
    assert not [line for line in api.log.lines if line.get("status", 0) >= 500 and line["route"] != "/readyz"]


def with_ids(pattern, id):
    return re.sub(r"\{\w+\}", lambda _: id, pattern)


def escaped(text):
    return "".join(f"%{byte:02x}" for byte in text.encode())


def honest(answer):
    assert answer.status_code < 500, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return answer


@pytest.mark.parametrize("method, pattern", [row for row in route_table() if "{" in row[1]], ids=" ".join)
def test_sql_in_a_path_is_no_id(user, method, pattern):
    for text in SQL:
        answer = honest(user.request(method, with_ids(pattern, escaped(text)),
                                     json={} if method in ("POST", "PUT") else None))
        assert answer.status_code in (400, 401, 404), f"{text!r}: {answer.status_code} {answer.text}"
        assert not re.search(r"syntax|pg_|SELECT|relation", answer.json()["error"])


def test_sql_in_a_query_is_data(document, user, persona):
    for (method, pattern), operation in document.operations.items():
        for parameter in operation["parameters"]:
            for text in SQL if parameter["in"] == "query" else []:
                answer = honest(user.request(method, with_ids(pattern, persona.id), params={parameter["name"]: text}))
                assert answer.status_code in (200, 400, 404), f"{pattern} {parameter['name']}={text!r}"


def test_texts_come_back_as_they_were_sent(user, database):
    for text in [*SQL[:-1], "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}", FORGERY.strip(), "\ufeffbom",
                 "\u202eright to left"]:
        fields = persona_fields(name=text[:80], catchphrases=[text[:80]])
        made = honest(user.post("/personas", json=fields))
        assert made.status_code == 201, text
        assert made.json()["catchphrases"] == [text[:80].strip()] or made.json()["name"].strip() in text
        assert database.value("SELECT name FROM personas WHERE id = %s", made.json()["id"]) == made.json()["name"]


@pytest.mark.parametrize("operation", [row for row in route_table() if row[0] in ("POST", "PUT")], ids=" ".join)
def test_sql_in_a_body_is_data(document, user, persona, operation):
    schema = document.body_schema(operation)
    method, pattern = operation
    good = {"email": "nobody", "topic": "Tabs or spaces?"}  # no account: hashing would take most of the time
    for name, field in schema["properties"].items() if schema else ():
        for text in SQL:
            value = [text] * 3 if field.get("type") == "array" else {text: [text]} if field.get(
                "type") == "object" else text
            answer = honest(user.request(method, with_ids(pattern, persona.id), json={
                key: good[key] for key in good if key in schema["properties"]} | {name: value}))
            assert answer.status_code < 300 or not re.search(r"syntax|pg_|SELECT|relation",
                                                             answer.json()["error"]), f"{name}={text!r}: {answer.text}"


def test_sql_in_an_email_logs_nobody_in(api):
    for text in SQL:
        answer = honest(api.client.post("/auth/login", json={"email": f"{text}@example.org", "password": text}))
        assert answer.status_code in (400, 401, 429), answer.text


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_a_path_reaches_a_route_only_by_its_own_name(api, user, path):
    target = path.replace("{id}", str(uuid.uuid4()))
    for token in ([], [f"Authorization: Bearer {user.token}"]):
        with Connection(api.port) as connection:
            connection.send(request("GET", target, *token))
            answer = connection.answer()
        if answer is None:
            continue
        is_its_name = unquote(target) == "/openapi.json" or (target.startswith("/rooms?") and token)
        assert answer.status_code in (400, 401, 404, 414, 431) or (answer.status_code == 200 and is_its_name), answer
        assert "x-injected" not in answer.headers and b"root:" not in answer.body


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header[:40]))
def test_an_odd_header_is_refused_or_ignored(api, header):
    for method, path in (("GET", "/rooms"), ("GET", "/healthz"), ("POST", "/auth/login")):
        with Connection(api.port) as connection:
            connection.send(request(method, path, body=b"{}" if method == "POST"
                                    else b"").replace(b"\r\n\r\n", b"\r\n" + header + b"\r\n\r\n", 1))
            connection.finish_sending()
            answer = connection.answer()
        if answer is None:
            continue
        assert answer.status_code < 500, answer
        assert answer.status_code != 200 or path == "/healthz", answer
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", answer.headers.get("x-request-id", "none"))
        assert "evil" not in str(answer.headers)


def test_nothing_that_a_client_sends_becomes_a_header(api, user):
    for text in ("a\r\nX-Injected: 1", "a%0d%0aX-Injected:%201", "a\nSet-Cookie: x=1"):
        for path in (f"/personas/{escaped(text)}", f"/personas?x={escaped(text)}", f"/{escaped(text)}"):
            answer = honest(user.get(path))
            assert not {"x-injected", "set-cookie"} & set(answer.headers)


def test_a_forged_log_line_stays_inside_its_own(api, user):
    for answer in (user.get(f"/personas/{escaped(FORGERY)}"), user.post("/personas", json={FORGERY: 1}),
                   user.post("/personas", json=persona_fields(tone=FORGERY * 20)),
                   api.client.post("/auth/login", json={"email": FORGERY, "password": FORGERY})):
        honest(answer)
        assert len(api.log.wait_for("http_request", request_id=answer.headers["X-Request-Id"], count=1)) > 1
        assert len(api.log.find("http_request", request_id=answer.headers["X-Request-Id"])) == 1


def test_deep_and_wide_json_is_refused_quickly(user):
    for body in (b"[" * 60000, b'{"a":' * 12000, b'{"name":' + b"[" * 3000 + b"]" * 3000 + b"}",
                 b"{" + b'"a":1,' * 9000 + b'"b":1}',
                 b'{"formality":' + b"9" * 60000 + b"}", b'{"formality":1e999999}',
                 b'{"name":"' + b"\\ud800" * 1000 + b'"}', b'\xef\xbb\xbf{}'):
        assert honest(user.post("/personas", content=body)).status_code == 400
