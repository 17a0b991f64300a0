"""What is kept of private answers, and what the log has of refused ones."""
import pytest

from support.openapi import route_table
from support.people import new_email
from support.program import Api

NOBODY = "c945dbf2-9f51-4e56-8dbe-5ccac54c2870"
PROBES = ["/healthz", "/readyz", "/metrics", "/openapi.json"]
KEPT = [("GET", path) for path in (*PROBES, "/b/{id}/card.png", "/templates", "/b/{id}", "/b/{id}/meta", "/p/{slug}",
                                   "/p/{slug}/posts", "/p/{slug}/feed.atom", "/discover", "/oembed", "/sitemap.xml",
                                   "/robots.txt", "/manifest.webmanifest", "/favicon.svg", "/a/{name}")]


def path_of(pattern):
    return pattern.replace("{id}", NOBODY).replace("{slug}", "nobody")


PRIVATE = [route for route in route_table() if route not in KEPT]


@pytest.mark.parametrize("method, pattern", PRIVATE)
def test_nobody_keeps_what_is_private(api, user, method, pattern):
    """With a token and, an error of the same route, without."""
    body = {"json": {}} if method in ("POST", "PUT") else {}
    for caller in (user, None):
        answer = (caller or api.client).request(method, path_of(pattern), **body)
        assert answer.headers["Cache-Control"] == "no-store", answer.status_code


def test_nobody_keeps_tokens(api):
    email = new_email()
    for path, status in (("/auth/signup", 201), ("/auth/login", 200)):
        answer = api.client.post(path, json={"email": email, "password": "correct horse battery"})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")


@pytest.mark.parametrize("method, pattern", [route for route in KEPT if route[1] in
                                             ("/b/{id}", "/b/{id}/meta", "/p/{slug}", "/p/{slug}/posts", "/templates")])
def test_caches_know_that_a_token_matters(api, user, method, pattern):
    for caller in (user, api.client):
        assert "Authorization" in caller.request(method, path_of(pattern)).headers.get_list("Vary")


def test_what_everybody_sees_may_be_kept(api):
    assert {api.client.get(path).headers.get("Cache-Control") for path in PROBES[:3]} == {None}
    assert api.client.get("/openapi.json").headers["Cache-Control"] == "no-cache"


# ---- refusals in the log ----


def line_of(api, answer):
    api.heard()
    (line,) = api.log.find("http_request", request_id=answer.headers["X-Request-Id"])
    return line


@pytest.fixture(scope="module")
def proxied(database):
    with Api(database.url, TRUSTED_PROXIES="127.0.0.1") as api:
        yield api


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic x"}, {"Authorization": "Bearer x"}])
def test_the_log_has_the_address_of_who_is_refused(proxied, headers):
    answer = proxied.client.get("/rooms", headers=headers | {"X-Forwarded-For": "203.0.113.77:1234"})
    line = line_of(proxied, answer)
    assert (line["status"], line["client"]) == (401, "203.0.113.77") and "account" not in line


def test_and_a_mark_of_the_account_where_one_is_known(proxied, user, other, room, persona):
    draft = user.draft(persona, room)
    lines = []
    for caller in (other, other, user):
        foreign = draft if caller is other else other.draft(other.persona(), room)
        answer = caller.at(proxied).post(f"/posts/{foreign.id}/approve", json={})
        assert answer.status_code == 403
        lines.append(line_of(proxied, answer))
    marks = [line["account"] for line in lines]
    assert marks[0] == marks[1] != marks[2]
    assert all(len(mark) == 16 and mark not in line["user_id"] for mark, line in zip(marks, lines))
    assert {line["client"] for line in lines} == {"127.0.0.1"}


def test_an_answer_that_refuses_nobody_has_neither(proxied, user):
    line = line_of(proxied, user.at(proxied).get("/rooms"))
    assert not {"client", "account"} & line.keys()
