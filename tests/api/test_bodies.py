"""What may stand in a request's body."""
import json
import re

import pytest

from support.openapi import route_table
from support.people import persona_fields, sign_up
from support.program import Api
from support.wire import Connection, chunked, request

ONE_OBJECT = "request body must contain a single JSON object"
NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
SMALL_BODIES = {"/auth/signup", "/auth/login", "/auth/logout", "/auth/refresh", "/auth/verify", "/auth/forgot",
                "/auth/reset", "/events", "/p/{slug}/follow", "/battles/{id}/remix-intent"}

MALFORMED = {
    "truncated object": b'{"name":"Ada"',
    "truncated string": b'{"name":"Ad',
    "truncated escape": rb'{"name":"\u00',
    "no colon": b'{"name" "Ada"}',
    "single quotes": b"{'name':'Ada'}",
    "trailing comma": b'{"name":"Ada",}',
    "bare word": b"name",
    "comment": b'{"name":"Ada"} // yes',
    "trailing data": b'{"name":"Ada"} x',
    "two objects": b'{"name":"Ada"}{"name":"Bea"}',
    "two objects on two lines": b'{"name":"Ada"}\n{"name":"Bea"}\n',
    "list": b'[{"name":"Ada"}]',
    "string": b'"Ada"',
    "number": b"1",
    "true": b"true",
    "null": b"null",
    "deep list": b'{"name":' + b"[" * 900 + b"]" * 900 + b"}}",
    "deep and cut off": b"[" * 900,
    "invalid UTF-8": b'{"name":"Ad\xff"}',
    "cut UTF-8": b'{"name":"Ad\xc3"}',
    "overlong UTF-8": b'{"name":"Ad\xc0\xaf"}',
    "UTF-8 surrogate": b'{"name":"Ad\xed\xa0\x80"}',
    "above U+10FFFF": b'{"name":"Ad\xf4\x90\x80\x80"}',
    "invalid UTF-8 in a name": b'{"n\xffme":"Ada"}',
    "lone surrogate escape": rb'{"name":"Ad\ud800"}',
    "escaped NUL": rb'{"name":"Ad\u0000a"}',
    "escaped NUL in a name": rb'{"na\u0000me":"Ada"}',
    "raw NUL": b'{"name":"Ad\0a"}',
    "NUL after the object": b'{"name":"Ada"}\0',
    "raw control character": b'{"name":"Ad\x01a"}',
    "number too large": b'{"name":"Ada","formality":1e999}',
    "not a number": b'{"name":"Ada","formality":NaN}',
}


def routes_with_a_body(persona, post):
    """Each route that reads a body, with one that is right."""
    return {
        ("POST", "/auth/signup"): {"email": "new@example.org", "password": "long enough"},
        ("POST", "/auth/login"): {"email": "new@example.org", "password": "long enough"},
        ("POST", "/auth/verify"): {"token": "guessed"},
        ("POST", "/auth/forgot"): {"email": "new@example.org"},
        ("POST", "/auth/reset"): {"token": "guessed", "password": "long enough"},
        ("PUT", "/me"): {"email": "new@example.org", "language": "tr", "current_password": "guessed"},
        ("PUT", "/me/password"): {"current_password": "guessed", "new_password": "long enough"},
        ("DELETE", "/me"): {"password": "guessed"},
        ("POST", "/personas"): persona_fields(),
        ("PUT", f"/personas/{persona.id}"): persona_fields(),
        ("POST", f"/rooms/{post.room_id}/posts/draft"): {"persona_id": persona.id, "about": "Rollbacks"},
        ("POST", f"/personas/{persona.id}/preview"): {"voice": persona_fields()},
        ("PUT", f"/posts/{post.id}"): {"content": "Edited."},
        ("POST", f"/posts/{post.id}/approve"): {"content": "Edited."},
        ("POST", f"/posts/{post.id}/generate-replies"): {"persona_ids": [persona.id]},
        ("POST", f"/personas/{persona.id}/publish-profile"): {"slug": "ada", "bio": "Builds quiet systems."},
        ("POST", f"/rooms/{post.room_id}/battles"): {"topic": "Tabs or spaces?", "template_id": NOBODY,
                                                     "remix_token": "x", "pro_style": "x", "con_style": "x"},
        ("POST", "/templates"): {"name": "Short", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80,
                                 "is_public": False},
        ("PUT", f"/templates/{NOBODY}"): {"name": "Short", "prompt_rules": "Be brief.", "turn_count": 4,
                                          "word_limit": 80, "is_public": False},
        ("POST", "/notifications/read"): {"ids": [1, 2]},
        ("POST", "/events"): {"event_name": "follow_click", "metadata": {"slug": "ada"}},
    }


@pytest.fixture
def post(user, persona, room):
    return user.draft(persona, room)


def refused(answer):
    assert answer.status_code == 400, answer.text[:300]
    return answer.json()["error"]


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_body_that_is_not_one_json_object_is_refused_and_nothing_is_stored(user, body):
    assert refused(user.post("/personas", content=body)) == ONE_OBJECT
    assert user.get("/personas").json() == {"personas": [], "next_cursor": ""}


@pytest.mark.parametrize("body", [
    b'{"name":' + b"[" * 30_000 + b"]" * 30_000 + b"}", b'{"name":' * 7_000 + b"1" + b"}" * 7_000, b"[" * 65_000,
    b'{"name":[' + b'"",' * 20_000 + b'""]}', b"{" + b'"a":0,' * 9_000 + b'"b":0}',
], ids=["deep list", "deep object", "deep and cut off", "a long list", "many fields"])
def test_a_body_of_very_many_values_is_refused(user, body):
    assert refused(user.post("/personas", content=body)) == "request body must not contain more than 1000 values"
    assert user.get("/personas").json() == {"personas": [], "next_cursor": ""}


def test_every_route_with_a_body_is_here(document, persona, post):
    """So that what is promised of all bodies is asked of each."""
    with_body = {operation for operation in document.operations if document.body_schema(operation)}
    assert {document.find(*route) for route in routes_with_a_body(persona, post)} == with_body
    for route, body in routes_with_a_body(persona, post).items():
        assert set(body) >= set(document.body_schema(document.find(*route))["properties"]) - {"share_slug"}


def test_every_route_with_a_body_refuses_what_is_not_one_object(user, persona, post):
    for (method, path) in routes_with_a_body(persona, post):
        for body in (b"{", b"[]", b"{}{}", b'{"a":"\xff"}', b"null"):
            assert refused(user.request(method, path, content=body)) == ONE_OBJECT, f"{method} {path} {body!r}"
    assert user.get(f"/rooms/{post.room_id}/posts").json()["posts"] == [post | {"replies_count": 0}]


def test_no_text_of_any_route_has_a_nul_or_broken_utf8(user, persona, post):
    for (method, path), body in routes_with_a_body(persona, post).items():
        whole = json.dumps(body)
        for text in re.findall(r'"[^"]*"', whole):
            for broken in (rb'"a\u0000b"', b'"a\0b"', b'"a\xffb"', rb'"a\udc00b"'):
                content = broken.join(whole.encode().split(text.encode(), 1))
                assert refused(user.request(method, path,
                                            content=content)) == ONE_OBJECT, f"{method} {path} {content!r}"


def test_a_number_of_any_size_is_one(user):
    assert refused(
        user.post("/personas",
                  content=b'{"name":"Ada","writing_samples":["a","b","c"],"formality":99999999999999999999999}')) == (
                      "formality must be between 0 and 3")


def test_an_unknown_field_is_refused_by_name(user, persona, post):
    for (method, path), body in routes_with_a_body(persona, post).items():
        error = refused(user.request(method, path, json=body | {"nickname": "x"}))
        assert error == 'unknown field "nickname"', f"{method} {path}: {error}"


def test_a_repeated_field_is_refused(user, persona, post):
    for (method, path), body in routes_with_a_body(persona, post).items():
        name, value = next(iter(body.items()))
        twice = json.dumps(body)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
        error = refused(user.request(method, path, content=twice))
        assert error == ONE_OBJECT or name in error, f"{method} {path}: {error}"


def test_a_field_of_the_wrong_type_is_refused_by_name(user, persona, post):
    wrong = {str: [1, True, ["x"], {"a": 1}], int: ["1", True, 1.5, [1], {}],
             list: ["x", 1, True, {"a": "b"}, [True], [["x"]]], bool: ["true", 1, [True], {}],
             dict: ["x", 1, True, [{}]]}
    for (method, path), body in routes_with_a_body(persona, post).items():
        for name, value in body.items():
            for bad in wrong[type(value)]:
                error = refused(user.request(method, path, json=body | {name: bad}))
                assert error == ONE_OBJECT or name in error, f"{method} {path} {name}={bad!r}: {error}"
    shown = user.get(f"/personas/{persona.id}").json()
    assert shown | {"today": persona.today} == persona
    assert refused(user.post("/auth/signup", json={"email": "a@example.org", "password": "long enough",
                                                   "share_slug": 1})) == "share_slug must be a string"


def test_a_field_name_is_matched_exactly(user):
    refused(user.post("/personas", json={"Name": "Ada", "writing_samples": ["a", "b", "c"]}))


def test_null_and_blank_in_an_optional_field_mean_absent(user):
    fields = persona_fields(bio=None, tone=None, preferred_language=None, formality=None, do_not_say=None,
                            catchphrases=None,
                            daily_draft_quota=None, daily_reply_quota=None)
    plain = user.post("/personas", json={name: value for name, value in fields.items() if value is not None}).json()
    for nothing in (fields, fields | {"bio": "", "tone": "", "preferred_language": ""}):
        answer = user.post("/personas", json=nothing)
        assert answer.status_code == 201, answer.text
        same = set(plain) - {"id", "created_at", "updated_at"}
        assert {name: answer.json()[name] for name in same} == {name: plain[name] for name in same}


def test_a_route_without_input_ignores_its_body(user, persona):
    for body in (b"{}", b"{", b'{"a":1}', b"\xff\0", b"[" * 1000):
        assert user.request("GET", "/rooms", content=body).status_code == 200
        assert user.request("GET", f"/personas/{persona.id}", content=body).status_code == 200
    assert user.delete(f"/personas/{persona.id}").json() == {"deleted": True}
    assert user.request("DELETE", f"/personas/{user.persona().id}", content=b"{").json() == {"deleted": True}


def test_content_type_is_not_required(user):
    body = json.dumps(persona_fields())
    for content_type in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        assert user.post("/personas", content=body, headers=content_type).status_code == 201


def test_white_space_around_the_object_is_fine(user):
    assert user.post("/personas",
                     content=b" \r\n\t" + json.dumps(persona_fields()).encode() + b"\n ").status_code == 201


def test_escaped_and_plain_unicode_are_the_same(user):
    plain = json.dumps(persona_fields(name="Ayşe 🦊"), ensure_ascii=False).encode()
    escaped = json.dumps(persona_fields(name="Ayşe 🦊"), ensure_ascii=True).encode()
    assert {user.post("/personas", content=body).json()["name"] for body in (plain, escaped)} == {"Ayşe 🦊"}


def padded(fields, size):
    """The object as JSON of exactly `size` bytes."""
    text = json.dumps(fields).encode()
    return text + b" " * (size - len(text))


@pytest.fixture(scope="module")
def small(database):
    with Api(database.url, REQUEST_BODY_MAX_BYTES=4096, PUBLIC_BODY_MAX_BYTES=1024) as small:
        yield small


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("path, limit", [("/personas", 4096), ("/auth/signup", 1024)])
def test_a_body_may_have_n_bytes_and_not_one_more(small, path, limit, framing):
    user = sign_up(small)
    for size, expected in ((limit, 201), (limit + 1, 413), (limit * 50, 413)):
        fields = persona_fields() if path == "/personas" else {"email": f"{framing}{size}@example.org",
                                                               "password": "long enough"}
        body = padded(fields, size)
        answer = user.post(path, content=body if framing == "length" else iter([body[:100], body[100:]]))
        assert answer.status_code == expected
        if expected == 413:
            assert answer.json()["error"] == "request body too large"
    assert len(user.get("/personas").json()["personas"]) == (path == "/personas")


@pytest.mark.parametrize("method, pattern", route_table())
def test_every_route_takes_bodies_up_to_its_limit(small, method, pattern):
    limit = 1024 if pattern in SMALL_BODIES else 4096
    path = re.sub(r"\{\w+\}", NOBODY, pattern)
    user = sign_up(small)
    # The one that fits comes last: it may end the session.
    refused, fits = [user.request(method, path, content=b" " * size) for size in (limit + 1, limit)]
    assert fits.status_code != 413
    assert (refused.status_code, refused.json()["error"]) == (413, "request body too large")


def test_the_default_limits_are_64_kib_and_16_kib_on_auth(user, api):
    fields = {"email": "big@example.org", "password": "long enough"}
    assert user.post("/personas", content=padded(persona_fields(), 64 << 10)).status_code == 201
    assert user.post("/personas", content=padded(persona_fields(), (64 << 10) + 1)).status_code == 413
    assert api.client.post("/auth/signup", content=padded(fields, (16 << 10) + 1)).status_code == 413
    assert api.client.post("/auth/signup", content=padded(fields, 16 << 10)).status_code == 201


def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(api, user):
    with Connection(api.port) as connection:
        connection.send(request("POST", "/personas", f"Authorization: Bearer {user.token}",
                                "Content-Length: 9999999999"))
        assert connection.answer().status_code == 413
        assert connection.closed()


def test_an_endless_chunked_body_is_cut_off(api, user):
    with Connection(api.port) as connection:
        connection.send(request("POST", "/personas", f"Authorization: Bearer {user.token}",
                                "Transfer-Encoding: chunked"))
        block = chunked(b"x" * 65536).removesuffix(b"0\r\n\r\n")
        sent = 0
        while sent < 64 << 20 and connection.send(block):
            sent += len(block)
        assert sent < 64 << 20
    assert user.get("/personas").json() == {"personas": [], "next_cursor": ""}
