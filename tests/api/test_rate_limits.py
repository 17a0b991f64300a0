"""Rate limits and their classes."""
from collections import Counter

import pytest

from support.exposition import Page
from support.limits import RATE_LIMIT, log_in, rejections, statuses, stranger
from support.openapi import route_table
from support.people import new_email, sign_up
from support.program import JWT_SECRET, Api, run
from support.tokens import claims_for, token
from support.waiting import at_once, eventually, in_parallel

ADDRESS = "127.0.0.1"


# ---- each class ----

EMPTY = "c945dbf2-9f51-4e56-8dbe-5ccac54c2870"
CLASSES = {
    "public_read": ("ip", "public profile rate limit exceeded",
                    [("GET", "/p/nobody"), ("GET", "/p/nobody/posts"), ("GET", f"/b/{EMPTY}/card.png"),
                     ("GET", f"/b/{EMPTY}"), ("GET", f"/b/{EMPTY}/meta"), ("GET", "/templates"), ("GET", "/discover"),
                     ("GET", "/p/nobody/feed.atom"), ("GET", "/oembed"), ("GET", "/sitemap.xml"),
                     ("POST", f"/battles/{EMPTY}/remix-intent")]),
    "public_write": ("ip", "follow rate limit exceeded",
                     [("POST", "/p/nobody/follow"), ("DELETE", "/p/nobody/follow")]),
    "events": ("user", "rate limit exceeded", [("POST", "/events")]),
    "auth": ("ip", "rate limit exceeded",
             [("POST", f"/auth/{act}") for act in ("login", "signup", "reset", "verify", "logout", "refresh")]),
    "stream_open": ("ip", "rate limit exceeded", [("GET", "/stream")]),
    "battle_create": ("user", "battle creation rate limit exceeded", [("POST", f"/rooms/{EMPTY}/battles")]),
    "template_create": ("user", "template creation rate limit exceeded", [("POST", "/templates")]),
    "persona_write": ("user", "rate limit exceeded", [("POST", "/personas")]),
    "reply_request": ("user", "rate limit exceeded", [("POST", f"/posts/{EMPTY}/generate-replies")]),
    "llm": ("user", "rate limit exceeded",
            [("POST", f"/rooms/{EMPTY}/posts/draft"), ("POST", f"/personas/{EMPTY}/preview")]),
    "account": ("user", "rate limit exceeded", [("PUT", "/me"), ("PUT", "/me/password"), ("DELETE", "/me")]),
    "export": ("user", "export rate limit exceeded", [("GET", "/me/export")]),
    "forgot": ("ip", "rate limit exceeded", [("POST", "/auth/forgot")]),
    "verification": ("user", "rate limit exceeded", [("POST", "/me/verify")]),
    "search": ("user", "rate limit exceeded", [("GET", "/search")]),
}
DEFAULTS = {"public_read": 120, "public_write": 30, "events": 120, "auth": 30, "stream_open": 60,
            "battle_create": 20,
            "template_create": 10, "persona_write": 20, "reply_request": 30, "llm": 30, "account": 10, "export": 2,
            "forgot": 5, "verification": 3, "search": 30}
WINDOWS = {"account": 3600, "export": 86400, "forgot": 3600, "verification": 86400}  # seconds; the others' is a minute


@pytest.mark.parametrize("endpoint", CLASSES)
def test_a_limit_is_reached_at_exactly_one_more(start, endpoint):
    """What the answers are doesn't matter: each counts, over all routes of the class."""
    scope, sentence, routes = CLASSES[endpoint]
    limit = 2 * len(routes) + 1
    api = start(Api, **{f"RATE_LIMIT_{endpoint.upper()}": f"{limit}/1h"})
    caller = stranger(api)
    answers = [caller.request(method, path, json={}) for method, path in (routes * 5)[: limit + 2]]
    assert [answer.status_code == 429 for answer in answers] == [False] * limit + [True] * 2
    for i, answer in enumerate(answers):
        name, left, seconds = RATE_LIMIT.fullmatch(answer.headers["RateLimit"]).groups()
        assert (name, int(left)) == (endpoint, max(limit - 1 - i, 0))
        assert 3590 <= int(seconds) <= 3600
        assert answer.headers["RateLimit-Policy"] == f'"{endpoint}";q={limit};w=3600'
        assert ("Retry-After" in answer.headers) == (i >= limit)
    refused = answers[-1]
    assert refused.json()["error"] == sentence
    assert refused.headers["Retry-After"] == RATE_LIMIT.fullmatch(refused.headers["RateLimit"])[3]
    assert rejections(api, endpoint=endpoint, scope=scope) == 2
    (_, line) = api.log.wait_for("rate_limited", count=2)
    assert {name: line.get(name) for name in ("level", "scope", "endpoint", "client", "request_id")} == {
        "level": "warn", "scope": scope, "endpoint": endpoint, "client": ADDRESS,
        "request_id": refused.headers["X-Request-Id"]}


def test_every_series_is_there_from_the_start(start):
    found = Page(start(Api).metrics())
    for endpoint, (scope, _, _) in CLASSES.items():
        assert found.value("rate_limit_events_total", endpoint=endpoint, scope=scope) == 0
    assert found.value("rate_limit_events_total", endpoint="events", scope="ip") == 0
    for scope in ("account_network", "account"):
        assert found.value("rate_limit_events_total", endpoint="login_failure", scope=scope) == 0
    assert found.value("rate_limit_shared") == 0


def test_user_limits_are_each_users_own(start):
    api = start(Api, RATE_LIMIT_TEMPLATE_CREATE="2/1h")
    one, two = stranger(api), stranger(api)
    assert statuses(3, lambda: one.post("/templates", json={})) == [400, 400, 429]
    assert statuses(3, lambda: two.post("/templates", json={})) == [400, 400, 429]


def test_events_count_by_address_with_a_token_and_without(start):
    api = start(Api, RATE_LIMIT_EVENTS="4/1h")
    event = {"event_name": "unknown"}
    assert statuses(2, lambda: stranger(api).post("/events", json=event)) == [400, 400]
    assert statuses(3, lambda: api.client.post("/events", json=event)) == [400, 400, 429]
    for made_up in ("x", "a.b.c", token(claims_for(EMPTY), key="another-secret-of-the-tests-0123456789abc")):
        assert api.client.post("/events", json=event, headers={"Authorization": f"Bearer {made_up}"}).status_code == 429
    refused = stranger(api).post("/events", json=event)
    assert refused.status_code == 429
    assert RATE_LIMIT.fullmatch(refused.headers["RateLimit"])[2] == "0"
    assert rejections(api, endpoint="events", scope="ip") == 5
    assert rejections(api, endpoint="events", scope="user") == 0


def test_a_user_counts_as_one_at_all_addresses(start):
    api = start(Api, RATE_LIMIT_EVENTS="3/1h", TRUSTED_PROXIES="127.0.0.0/8")
    one, event = stranger(api), {"event_name": "unknown"}
    asked = [one.post("/events", json=event, headers={"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(5)]
    assert [answer.status_code for answer in asked] == [400, 400, 400, 429, 429]
    assert [RATE_LIMIT.fullmatch(answer.headers["RateLimit"])[2] for answer in asked] == ["2", "1", "0", "0", "0"]
    assert (rejections(api, endpoint="events", scope="user"), rejections(api, endpoint="events", scope="ip")) == (2, 0)


def test_users_of_one_address_share_its_events(start):
    """The attack: one address, six users, each with a limit of its own."""
    api = start(Api, RATE_LIMIT_EVENTS="10/1h")
    users = [stranger(api) for _ in range(6)]
    answers = at_once(*[lambda user=user: user.post("/events", json={"event_name": "unknown"}) for user in users * 5])
    assert Counter(answer.status_code for answer in answers) == {400: 10, 429: 20}


def test_who_may_not_ask_is_not_counted(start):
    api = start(Api, RATE_LIMIT_LLM="1/1h")
    for headers in ({}, {"Authorization": "Bearer x"}):
        answer = api.client.post(f"/rooms/{EMPTY}/posts/draft", json={}, headers=headers)
        assert answer.status_code == 401
        assert "RateLimit" not in answer.headers


def class_of(method, pattern):
    """The class that the contract puts the route in."""
    return next((name for name, (_, _, routes) in CLASSES.items() if (method, with_values(pattern)) in routes), None)


def with_values(pattern):
    return pattern.replace("{id}", EMPTY).replace("{slug}", "nobody")


@pytest.mark.parametrize("method, pattern", route_table())
def test_the_routes_of_the_classes_are_limited_and_no_others(api, user, method, pattern):
    headers = user.request(method, with_values(pattern), json={} if method in ("POST", "PUT") else None).headers
    endpoint = class_of(method, pattern)
    assert [headers.get(name, "").split(";")[0]
            for name in ("RateLimit-Policy", "RateLimit")] == [f'"{endpoint}"' if endpoint else ""] * 2


def test_a_window_ends(start):
    api = start(Api, RATE_LIMIT_AUTH="2/2s")
    assert statuses(2, lambda: log_in(api, new_email())) == [401] * 2
    refused = log_in(api, new_email())
    assert (refused.status_code, refused.headers["Retry-After"] in "12") == (429, True)
    eventually(lambda: log_in(api, new_email()).status_code == 401, within=10)


def test_the_limit_is_exact_over_all_threads(start):
    api = start(Api, API_THREADS=4, RATE_LIMIT_EVENTS="40/1h")
    one = stranger(api)
    answers = in_parallel(100, lambda: one.post("/events", json={"event_name": "unknown"}))
    assert Counter(answer.status_code for answer in answers) == {400: 40, 429: 60}
    assert sorted(int(RATE_LIMIT.fullmatch(answer.headers["RateLimit"])[2])
                  for answer in answers) == [0] * 61 + list(range(1, 40))


def test_the_defaults_are_the_contracts(start):
    api = start(Api, **{f"RATE_LIMIT_{name.upper()}": None for name in [*CLASSES, "login_failure"]})
    caller = stranger(api)
    policies = {endpoint: caller.request(*routes[0], json={}).headers["RateLimit-Policy"]
                for endpoint, (_, _, routes) in CLASSES.items()}
    assert policies == {name: f'"{name}";q={count};w={WINDOWS.get(name, 60)}' for name, count in DEFAULTS.items()}
    user = sign_up(api)
    assert statuses(10, lambda: log_in(api, user.email)) == [401] * 10
    refused = log_in(api, user.email, user.password)
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Policy"] == '"login_failure";q=10;w=900'
    assert 880 <= int(refused.headers["Retry-After"]) <= 900


def test_the_defaults_are_reached_at_exactly_one_more(start):
    api = start(Api, **{f"RATE_LIMIT_{name.upper()}": None for name in DEFAULTS})
    caller = stranger(api)
    for endpoint, count in DEFAULTS.items():
        *_, (method, path) = CLASSES[endpoint][2]
        assert [status == 429 for status in statuses(count + 2, lambda: caller.request(method, path, json={}))] == [
            False] * count + [True] * 2, endpoint


@pytest.mark.parametrize("value", ["120", "0/1m", "-1/1m", "120/", "/1m", "1.5/1m", "120/1m/1m", "120/0s", "120/400ms",
                                   "120/25h", "1e3/1m", "x", "99999999999999999999/1m", " 1/1m"])
def test_limits_that_cannot_be_read_end_the_start(value):
    done = run("api", JWT_SECRET=JWT_SECRET, RATE_LIMIT_AUTH=value)
    assert done.returncode == 1
    assert '"msg":"startup_failed"' in done.stdout and "RATE_LIMIT_AUTH" in done.stdout


# ---- by route ----


@pytest.mark.parametrize("method, path", CLASSES["public_read"][2])
def test_each_public_route_refuses_beyond_the_limit(start, method, path):
    api = start(Api, RATE_LIMIT_PUBLIC_READ="1/1m")
    first = 404 if "nobody" in path or EMPTY in path else 400 if path == "/oembed" else 200
    assert statuses(2, lambda: api.client.request(method, path)) == [first, 429]
