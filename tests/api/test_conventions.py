"""What holds for every answer."""
import json
import re
import uuid
from datetime import datetime, timedelta, timezone

import pytest

from support.openapi import route_table
from support.people import persona_fields, sign_up
from support.program import Api
from support.wire import Connection, request

MADE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
NIL = "00000000-0000-0000-0000-000000000000"
NOBODY = "7d444840-9dc0-11d1-b245-5ffdce74fad2"

ROUTES_WITH_IDS = [
    ("DELETE", "/me/sessions/{}", "session id"),
    ("GET", "/personas/{}", "persona id"),
    ("PUT", "/personas/{}", "persona id"),
    ("DELETE", "/personas/{}", "persona id"),
    ("GET", "/personas/{}/digest/today", "persona id"),
    ("GET", "/personas/{}/digest/latest", "persona id"),
    ("GET", "/rooms/{}", "room id"),
    ("GET", "/rooms/{}/posts", "room id"),
    ("POST", "/rooms/{}/posts/draft", "room id"),
    ("PUT", "/posts/{}", "post id"),
    ("DELETE", "/posts/{}", "post id"),
    ("POST", "/posts/{}/approve", "post id"),
    ("POST", "/posts/{}/generate-replies", "post id"),
    ("GET", "/posts/{}/thread", "post id"),
    ("GET", "/b/{}", "battle id"),
    ("POST", "/personas/{}/preview", "persona id"),
    ("POST", "/personas/{}/publish-profile", "persona id"),
    ("POST", "/personas/{}/unpublish-profile", "persona id"),
    ("POST", "/rooms/{}/battles", "room id"),
    ("PUT", "/templates/{}", "template id"),
    ("DELETE", "/templates/{}", "template id"),
    ("GET", "/b/{}/meta", "battle id"),
    ("GET", "/b/{}/card.png", "battle id"),
    ("POST", "/battles/{}/remix-intent", "battle id"),
    ("POST", "/notifications/{}/read", "notification id"),
]
WHO = {"persona id": "persona not found", "room id": "room not found", "post id": "post not found",
       "template id": "template not found"}


def body_for(method, path, persona_id=NOBODY):
    if path.endswith("/draft"):
        return {"json": {"persona_id": persona_id}}
    if path.endswith("/battles"):
        return {"json": {"topic": "Tabs or spaces?"}}
    if (method, path.split("/")[1]) == ("PUT", "posts"):
        return {"json": {"content": "Spaces, then."}}
    if (method, path.split("/")[1]) == ("PUT", "templates"):
        return {"json": {"name": "Short", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80}}
    return {"json": persona_fields()} if method == "PUT" else {"json": {}} if method == "POST" else {}


def test_every_route_with_an_id_is_here():
    assert {(method, path.replace("{}", "{id}"))
            for method, path, _ in ROUTES_WITH_IDS} == {row for row in route_table() if "{id}" in row[1]}


@pytest.mark.parametrize("method, path, what", ROUTES_WITH_IDS)
def test_a_malformed_id_is_named(user, method, path, what):
    good = str(uuid.uuid4())
    for bad in ("x", "-1", good[:-1], good + "0", good.replace("-", ""), "{" + good + "}", good[:-1] + "g", NIL, "%20",
                "%00", "%2e%2e", "%ff", "ü" * 12):
        answer = user.request(method, path.format(bad), **body_for(method, path))
        assert (answer.status_code, answer.json()["error"]) == (400, f"{what} is invalid"), bad


@pytest.mark.parametrize("method, path, what", ROUTES_WITH_IDS)
def test_an_empty_id_is_required(user, method, path, what):
    answer = user.request(method, path.format(""), **body_for(method, path))
    assert (answer.status_code, answer.json()["error"]) == (400, f"{what} is required")


@pytest.mark.parametrize("method, path, what",
                         [row for row in ROUTES_WITH_IDS if row[2] in WHO and "preview" not in row[1]])
def test_an_id_that_nobody_has_is_not_found(user, persona, method, path, what):
    answer = user.request(method, path.format(NOBODY), **body_for(method, path, persona.id))
    assert (answer.status_code, answer.json()["error"]) == (404, WHO[what])


def test_ids_are_accepted_in_either_case_and_in_versions_1_to_5(user, persona, room, database):
    assert user.get(f"/personas/{persona.id.upper()}").json() == persona
    assert user.post(f"/rooms/{room.id.upper()}/posts/draft",
                     json={"persona_id": persona.id.upper()}).status_code == 201
    for version in "12345":
        id = f"7d444840-9dc0-{version}1d1-b245-5ffdce74fad2"
        assert user.get(f"/personas/{id}").status_code == 404
    assert user.get("/personas/7d444840-9dc0-71d1-b245-5ffdce74fad2").json()["error"] == "persona id is invalid"


@pytest.mark.parametrize("value, error", [
    ("", "persona_id is required"), (None, "persona_id is required"), ("  ", "persona_id is required"),
    ("x", "persona_id is invalid"), (NIL, "persona_id is invalid"),
])
def test_an_id_in_a_body_is_named_too(user, room, value, error):
    answer = user.post(f"/rooms/{room.id}/posts/draft", json={"persona_id": value})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("path", ["/", "/nope", "/rooms/x/y/z", "/Rooms", "/personas/x/nope", "//rooms", "/auth",
                                  "/auth/", "/b"])
def test_no_route_is_404_whoever_asks(api, user, path):
    for headers in ({}, {"Authorization": f"Bearer {user.token}"}):
        answer = api.client.get(path, headers=headers)
        if path == "/" and answer.status_code == 200:
            continue
        assert (answer.status_code, answer.json()["error"]) == (404, "not found")


def allowed(answer):
    return {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("method, path, allow", [
    ("DELETE", "/rooms", {"GET", "HEAD"}),
    ("POST", "/rooms", {"GET", "HEAD"}),
    ("PUT", "/personas", {"GET", "HEAD", "POST"}),
    ("POST", f"/personas/{NOBODY}", {"GET", "HEAD", "PUT", "DELETE"}),
    ("GET", "/auth/signup", {"POST"}),
    ("HEAD", "/auth/login", {"POST"}),
    ("GET", f"/rooms/{NOBODY}/posts/draft", {"POST"}),
    ("DELETE", "/healthz", {"GET", "HEAD"}),
    ("PATCH", "/personas", {"GET", "HEAD", "POST"}),
    ("TRACE", "/rooms", {"GET", "HEAD"}),
    ("BREW", "/rooms", {"GET", "HEAD"}),
])
def test_a_route_without_this_method_is_405_and_says_which_it_has(user, method, path, allow):
    answer = user.request(method, path)
    assert answer.status_code == 405
    assert allowed(answer) - {"OPTIONS"} == allow


@pytest.mark.parametrize("pattern", sorted({pattern for _, pattern in route_table()}))
def test_every_route_says_which_methods_it_has(api, pattern):
    """Asked by nobody: what a route has is no secret."""
    has = {method for method, other in route_table()
           if re.fullmatch(re.sub(r"\{\w+\}", "[^/]*", other), re.sub(r"\{\w+\}", NOBODY, pattern))}
    answer = api.client.patch(re.sub(r"\{\w+\}", NOBODY, pattern))
    assert (answer.status_code, answer.json()["error"]) == (405, "method not allowed")
    assert allowed(answer) - {"OPTIONS"} == has | ({"HEAD"} if "GET" in has else set())


def test_an_unknown_method_on_no_route_is_404(user):
    assert user.request("BREW", "/nope").status_code == 404


def test_head_answers_as_get_does_without_a_body(user, api, persona):
    for path in ("/rooms", f"/personas/{persona.id}", "/healthz", "/readyz", "/metrics", "/nope", "/personas/x"):
        get, head = user.get(path), user.request("HEAD", path)
        assert head.status_code == get.status_code
        assert head.content == b""
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
        if path not in ("/metrics", "/nope", "/personas/x"):
            assert head.headers["Content-Length"] == get.headers["Content-Length"]


@pytest.mark.parametrize("pattern", [pattern for method, pattern in route_table() if method == "GET"])
def test_head_works_wherever_get_does(user, pattern):
    path = re.sub(r"\{\w+\}", NOBODY, pattern)
    get, head = user.get(path), user.request("HEAD", path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


def test_a_head_answer_leaves_the_connection_usable(api):
    with Connection(api.port) as connection:
        connection.send(request("HEAD", "/healthz") + request("GET", "/healthz"))
        assert connection.answer(head=True).status_code == 200
        assert connection.answer().body == b'{"ok":true}'


@pytest.mark.parametrize("given", ["a", "A-b.c_9", "x" * 128, "5362e95b-a3be-46ab-a82d-b0ab6ec6ed6d"])
def test_a_good_request_id_is_echoed_and_logged(api, given):
    answer = api.client.get("/nope", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"] == given
    assert api.log.wait_for("http_request", request_id=given)


@pytest.mark.parametrize("given",
                         [b"", b"x" * 129, b"a b", b"a,b", b"a/b", b"a\tb", "ş".encode(), b"\xff", b'"a"', b"a\x7f"])
def test_a_bad_request_id_is_replaced(api, given):
    with Connection(api.port) as connection:
        connection.send(request("GET", "/nope").replace(b"\r\n\r\n", b"\r\nX-Request-Id: " + given + b"\r\n\r\n"))
        answer = connection.answer()
    made = answer.headers["x-request-id"]
    assert MADE_ID.fullmatch(made) and made.encode() != given
    assert f'"request_id":"{made}"'.encode() in answer.body.replace(b": ", b":")


def test_a_made_request_id_differs_each_time(api):
    made = [api.client.get("/healthz").headers["X-Request-Id"] for _ in range(20)]
    assert len(set(made)) == 20 and all(map(MADE_ID.fullmatch, made))


def some_of_every_status(api, user):
    persona = user.persona()
    return [
        user.get("/rooms"), api.client.get("/healthz"), api.client.get("/readyz"), api.client.get("/metrics"),
        user.post("/personas", json=persona_fields()), user.post("/personas", content=b"{"),
        user.post("/personas", content=b" " * (1 << 21)),
        api.client.get("/rooms"), user.get(f"/personas/{NOBODY}"), api.client.get("/nope"),
        user.request("DELETE", "/rooms"),
        user.request("HEAD", "/rooms"), user.delete(f"/personas/{persona.id}"),
    ]


def answers_of_other_kinds(api, user, room):
    """No JSON, nothing at all, or made somewhere else than the rest."""
    document = api.client.get("/openapi.json")
    battle = user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?"}).json()["battle_id"]
    return [
        api.client.get(f"/b/{battle}/card.png"),
        api.client.get("/openapi.json", headers={"If-None-Match": document.headers["ETag"]}),
        api.client.options("/rooms", headers={"Origin": "http://localhost:3000",
                                              "Access-Control-Request-Method": "GET"}), api.client.get("/templates"),
        api.client.post("/events", json={"event_name": "follow_click"}), user.post(f"/posts/{battle}/approve", json={}),
    ]


def test_security_headers_stand_on_every_answer(api, user, room):
    answers = some_of_every_status(api, user) + answers_of_other_kinds(api, user, room)
    assert {answer.status_code for answer in answers} >= {200, 201, 202, 204, 304, 400, 401, 404, 405, 409, 413}
    for answer in answers:
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", answer
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        for feature in ("geolocation=()", "microphone=()", "camera=()"):
            assert feature in headers["Permissions-Policy"]


def test_every_error_has_a_sentence_a_code_and_the_request_id(api, user):
    failed = [answer for answer in some_of_every_status(api, user) if answer.status_code >= 400]
    for answer in failed:
        error = answer.json()
        assert set(error) == {"error", "code", "request_id"}
        assert error["error"] and re.fullmatch(r"[a-z][a-z0-9_]*", error["code"])
        assert error["request_id"] == answer.headers["X-Request-Id"]


def test_answers_are_json_in_utf8(api, user):
    for answer in some_of_every_status(api, user):
        if answer.request.url.path != "/metrics":
            assert answer.headers["Content-Type"].split(";")[0] == "application/json"
            assert answer.request.method == "HEAD" or isinstance(answer.json(), dict)


def test_times_are_rfc_3339_in_utc(user, persona, room):
    post = user.publish(persona, room)
    for moment in (persona.created_at, persona.updated_at, post.created_at, post.updated_at,
                   user.get("/rooms").json()["rooms"][0]["created_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", moment)
    age = datetime.now(timezone.utc) - datetime.fromisoformat(post.created_at)
    assert timedelta() <= age < timedelta(minutes=1)


def test_times_stay_utc_where_the_database_thinks_otherwise(database, start, user):
    """A database or role may have a time zone of its own."""
    database.execute(f"ALTER DATABASE {database.name} SET timezone = 'Europe/Istanbul'")
    try:
        elsewhere = start(Api)
        persona = user.at(elsewhere).persona()
        assert persona.created_at.endswith("Z")
        assert abs(datetime.now(timezone.utc) - datetime.fromisoformat(persona.created_at)) < timedelta(minutes=1)
    finally:
        database.execute(f"ALTER DATABASE {database.name} RESET timezone")


def test_a_field_without_value_is_left_out(user, database, room):
    post = user.publish(user.persona(), room)
    database.execute("DELETE FROM personas WHERE id = %s", post.persona_id)
    shown = user.get(f"/rooms/{room.id}/posts").json()["posts"]
    assert [found["id"] for found in shown] == [post.id]
    assert not {"persona_id", "persona_name"} & set(shown[0])
    assert user.thread(post).post | {"replies_count": 0} == shown[0]


@pytest.mark.parametrize("target", [
    "/%", "/%zz", "/%00", "/rooms/%00/posts", "/rooms%00", "/..%2f..", "/" + "a" * 7000, "/rooms?" + "a=b&" * 1500,
    "/rooms?limit=%", "/\\", "/rooms#x", "/;",
    "*", "http://localhost/rooms", "/rooms/%F0%9F%A6%8A/posts", "rooms",
])
def test_an_odd_target_is_answered_clearly(api, target):
    with Connection(api.port) as connection:
        connection.send(request("GET", target))
        answer = connection.answer()
    assert answer is None or answer.status_code in (200, 400, 401, 404, 414, 431), answer


def test_bytes_that_are_not_utf8_in_a_target_are_answered_clearly(api, user):
    with Connection(api.port) as connection:
        connection.send(b"GET /personas/\xff\xfe HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + user.token.encode()
                        + b"\r\n\r\n")
        assert connection.answer().status_code in (400, 404)


def test_a_statement_that_gives_no_answer_is_its_routes_500(own_database, start):
    """A mistake in one statement; here the function that makes its JSON gives none. Asked without
    the recorder: the document promises no 500."""
    api = start(Api, own_database.url)
    user = sign_up(api)
    own_database.execute("CREATE OR REPLACE FUNCTION persona_answer(p personas) RETURNS TABLE (body json) "
                         "LANGUAGE sql STABLE AS 'SELECT NULL::json'")
    api.expect_errors("http_request")
    body = json.dumps(persona_fields())
    with Connection(api.port) as connection:
        connection.send(request("POST", "/personas", f"Authorization: Bearer {user.token}", body=body))
        assert connection.answer().status_code == 500
    assert "personas/create gave no answer" in api.log.wait_for("http_request", status=500)["error"]
    assert api.is_ready()
