"""Section 1, "rate limit", and the classes below it; with Redis, one budget for all replicas."""
import re
import time
import uuid
from collections import Counter

import pytest

from support.exposition import Page
from support.people import User, new_email, sign_up
from support.program import JWT_SECRET, Api, run
from support.redis import Redis
from support.tokens import claims_for, token
from support.waiting import eventually, in_parallel

ADDRESS, LOGIN = "127.0.0.1", {"email": "nobody@example.org", "password": "wrong password"}
RATE_LIMIT = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')


def log_in(api, email, password="wrong password"):
    return api.client.post("/auth/login", json={"email": email, "password": password})


def statuses(n, act):
    return [act().status_code for _ in range(n)]


def rejections(api, **labels):
    return Page(api.metrics()).value("rate_limit_events_total", **labels)


def stranger(api):
    """Somebody with a valid token and no account: user limits come before the database."""
    id = str(uuid.uuid4())
    return User(api, None, None, token(claims_for(id)), id)


# ---- each class ----

EMPTY = str(uuid.uuid4())
CLASSES = {
    "public_read": ("ip", "public profile rate limit exceeded",
                    [("GET", "/p/nobody"), ("GET", "/p/nobody/posts"), ("GET", f"/b/{EMPTY}/card.png"), ("GET", f"/b/{EMPTY}/meta"), ("GET", "/templates"),
                     ("POST", f"/battles/{EMPTY}/remix-intent")]),
    "public_write": ("ip", "follow rate limit exceeded", [("POST", "/p/nobody/follow")]),
    "events": ("user", "rate limit exceeded", [("POST", "/events")]),
    "auth": ("ip", "rate limit exceeded", [("POST", "/auth/login"), ("POST", "/auth/signup")]),
    "battle_create": ("user", "battle creation rate limit exceeded", [("POST", f"/rooms/{EMPTY}/battles")]),
    "template_create": ("user", "template creation rate limit exceeded", [("POST", "/templates")]),
    "llm": ("user", "rate limit exceeded", [("POST", f"/rooms/{EMPTY}/posts/draft"), ("POST", f"/personas/{EMPTY}/preview")]),
}


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
        "level": "warn", "scope": scope, "endpoint": endpoint, "client": ADDRESS, "request_id": refused.headers["X-Request-Id"]}


def test_every_series_is_there_from_the_start(start):
    found = Page(start(Api).metrics())
    for endpoint, (scope, _, _) in CLASSES.items():
        assert found.value("rate_limit_events_total", endpoint=endpoint, scope=scope) == 0
    assert found.value("rate_limit_events_total", endpoint="events", scope="ip") == 0
    assert found.value("rate_limit_events_total", endpoint="login_failure", scope="account") == 0
    assert found.value("rate_limit_shared") == 0


def test_user_limits_are_each_users_own(start):
    api = start(Api, RATE_LIMIT_TEMPLATE_CREATE="2/1h")
    one, two = stranger(api), stranger(api)
    assert statuses(3, lambda: one.post("/templates", json={})) == [400, 400, 429]
    assert statuses(3, lambda: two.post("/templates", json={})) == [400, 400, 429]


def test_without_a_token_events_count_by_address(start):
    api = start(Api, RATE_LIMIT_EVENTS="2/1h")
    event = {"event_name": "unknown"}
    assert statuses(3, lambda: api.client.post("/events", json=event)) == [400, 400, 429]
    assert stranger(api).post("/events", json=event).status_code == 400
    assert rejections(api, endpoint="events", scope="ip") == 1
    assert rejections(api, endpoint="events", scope="user") == 0


def test_who_may_not_ask_is_not_counted(start):
    api = start(Api, RATE_LIMIT_LLM="1/1h")
    for headers in ({}, {"Authorization": "Bearer x"}):
        answer = api.client.post(f"/rooms/{EMPTY}/posts/draft", json={}, headers=headers)
        assert answer.status_code == 401
        assert "RateLimit" not in answer.headers


def test_routes_without_a_limit_have_no_such_headers(api, user):
    for path in ("/rooms", "/healthz", "/metrics", "/personas"):
        assert not {"RateLimit", "RateLimit-Policy"} & set(user.get(path).headers)


def test_a_window_ends(start):
    api = start(Api, RATE_LIMIT_AUTH="2/2s")
    assert statuses(2, lambda: log_in(api, new_email())) == [401] * 2
    refused = log_in(api, new_email())
    assert (refused.status_code, refused.headers["Retry-After"] in "12") == (429, True)
    began = time.monotonic()
    eventually(lambda: log_in(api, new_email()).status_code == 401, within=5)
    assert time.monotonic() - began < 2.5


def test_the_limit_is_exact_over_all_threads(start):
    api = start(Api, API_THREADS=4, RATE_LIMIT_EVENTS="40/1h")
    one = stranger(api)
    answers = in_parallel(100, lambda: one.post("/events", json={"event_name": "unknown"}))
    assert Counter(answer.status_code for answer in answers) == {400: 40, 429: 60}
    assert sorted(int(RATE_LIMIT.fullmatch(answer.headers["RateLimit"])[2]) for answer in answers) == [0] * 61 + list(range(1, 40))


def test_the_defaults_are_the_contracts(start):
    api = start(Api, **{f"RATE_LIMIT_{name.upper()}": None for name in [*CLASSES, "login_failure"]})
    caller = stranger(api)
    policies = {endpoint: caller.request(*routes[0], json={}).headers["RateLimit-Policy"] for endpoint, (_, _, routes) in CLASSES.items()}
    assert policies == {name: f'"{name}";q={count};w=60' for name, count in (
        ("public_read", 120), ("public_write", 30), ("events", 120), ("auth", 30), ("battle_create", 20), ("template_create", 10), ("llm", 30))}
    email = new_email()
    assert statuses(10, lambda: log_in(api, email)) == [401] * 10
    refused = log_in(api, email)
    assert refused.headers["RateLimit-Policy"] == '"login_failure";q=10;w=900'
    assert 880 <= int(refused.headers["Retry-After"]) <= 900


@pytest.mark.parametrize("value", ["120", "0/1m", "-1/1m", "120/", "/1m", "1.5/1m", "120/1m/1m", "120/0s", "120/400ms", "120/25h", "1e3/1m", "x", "99999999999999999999/1m", " 1/1m"])
def test_limits_that_cannot_be_read_end_the_start(value):
    done = run("api", JWT_SECRET=JWT_SECRET, RATE_LIMIT_AUTH=value)
    assert done.returncode == 1
    assert '"msg":"startup_failed"' in done.stdout and "RATE_LIMIT_AUTH" in done.stdout


# ---- failed logins ----


@pytest.fixture(scope="module")
def guarded(database):
    with Api(database.url, RATE_LIMIT_LOGIN_FAILURE="3/1h") as api:
        yield api


def test_past_the_bound_even_the_right_password_is_refused(guarded):
    user, other = sign_up(guarded), sign_up(guarded)
    assert statuses(3, lambda: log_in(guarded, user.email)) == [401] * 3
    for password in (user.password, "wrong password"):
        refused = log_in(guarded, user.email, password)
        assert (refused.status_code, refused.json()["error"]) == (429, "rate limit exceeded")
        assert "Retry-After" in refused.headers
    assert log_in(guarded, other.email, other.password).status_code == 200
    assert guarded.log.wait_for("rate_limited", endpoint="login_failure", scope="account", client=ADDRESS)


def test_an_unknown_address_is_limited_like_a_known_one(guarded):
    email = new_email()
    assert statuses(5, lambda: log_in(guarded, email)) == [401, 401, 401, 429, 429]


def test_the_address_counts_in_any_case_and_trimmed(guarded):
    email = new_email()
    assert [log_in(guarded, written).status_code for written in (email.upper(), f"  {email}", email.title(), email)] == [401, 401, 401, 429]


def test_successes_count_nothing(guarded):
    user = sign_up(guarded)
    assert statuses(2, lambda: log_in(guarded, user.email)) == [401] * 2
    assert statuses(6, lambda: log_in(guarded, user.email, user.password)) == [200] * 6
    assert statuses(2, lambda: log_in(guarded, user.email)) == [401, 429]


def test_parallel_failures_do_not_slip_past(guarded):
    user = sign_up(guarded)
    answers = in_parallel(30, lambda: log_in(guarded, user.email))
    assert Counter(answer.status_code for answer in answers) == {401: 3, 429: 27}
    assert log_in(guarded, user.email, user.password).status_code == 429


def test_a_refusal_costs_no_hashing(guarded):
    """A hundred of them take less than a few hashes."""
    email = new_email()
    statuses(3, lambda: log_in(guarded, email))
    began = time.monotonic()
    assert statuses(100, lambda: log_in(guarded, email)) == [429] * 100
    assert time.monotonic() - began < 2


# ---- Redis ----


@pytest.fixture
def redis():
    with Redis() as redis:
        yield redis


def shares(api):
    return Page(api.metrics()).value("rate_limit_shared") == 1


@pytest.fixture
def replicas(start, redis):
    """Two processes that count together: thirty an hour for each user."""
    both = [start(Api, REDIS_URL=redis.url, RATE_LIMIT_EVENTS="30/1h", RATE_LIMIT_LOGIN_FAILURE="3/1h") for _ in range(2)]
    for api in both:
        eventually(lambda: shares(api))
    return both


def post_event(user, api):
    return user.at(api).post("/events", json={"event_name": "unknown"})


def test_two_processes_share_one_budget(replicas):
    user = stranger(replicas[0])
    apis = iter(replicas * 50)
    answers = in_parallel(50, lambda: post_event(user, next(apis)))
    assert Counter(answer.status_code for answer in answers) == {400: 30, 429: 20}
    assert sorted(int(RATE_LIMIT.fullmatch(answer.headers["RateLimit"])[2]) for answer in answers) == [0] * 21 + list(range(1, 30))
    refused = post_event(user, replicas[1])
    assert 3590 <= int(refused.headers["Retry-After"]) <= 3600
    assert sum(rejections(api, endpoint="events", scope="user") for api in replicas) == 21


def test_failed_logins_are_shared(replicas):
    user = sign_up(replicas[0])
    assert [log_in(api, user.email).status_code for api in replicas * 2] == [401, 401, 401, 429]
    assert [log_in(api, user.email, user.password).status_code for api in replicas] == [429, 429]


def test_keys_tell_nothing_and_end_by_themselves(replicas, redis):
    user = sign_up(replicas[0])
    log_in(replicas[0], user.email)
    assert redis.command("EVAL", "local n = 0 for _, key in ipairs(redis.call('KEYS', '*')) do "
                         "if string.find(key, '@') or redis.call('PTTL', key) < 0 then n = n + 1 end end return n", "0") == ":0"
    assert redis.command("EVAL", "return #redis.call('KEYS', 'personaworlds:rate:login_failure:*')", "0") == ":1"


def test_a_window_ends_by_the_servers_clock(start, redis):
    api = start(Api, REDIS_URL=redis.url, RATE_LIMIT_EVENTS="1/2s")
    eventually(lambda: shares(api))
    user = stranger(api)
    assert statuses(2, lambda: post_event(user, api)) == [400, 429]
    eventually(lambda: post_event(user, api).status_code == 400, within=5)


def test_a_script_that_the_server_forgot_is_sent_again(replicas, redis):
    user = stranger(replicas[0])
    post_event(user, replicas[0])
    assert redis.command("SCRIPT", "FLUSH") == "+OK"
    answers = [post_event(user, api) for api in replicas]
    assert [RATE_LIMIT.fullmatch(answer.headers["RateLimit"])[2] for answer in answers] == ["28", "27"]
    assert all(shares(api) for api in replicas)


def test_when_redis_is_killed_each_counts_for_itself_until_it_is_back(replicas, redis):
    user = stranger(replicas[0])
    for _ in range(10):
        for api in replicas:
            assert post_event(user, api).status_code == 400
    redis.kill()
    for api in replicas:
        eventually(lambda: not shares(api))
        began = time.monotonic()
        assert statuses(25, lambda: post_event(user, api)) == [400] * 20 + [429] * 5  # it let ten through before, and remembers them
        assert time.monotonic() - began < 2.5
    redis.start()
    for api in replicas:
        eventually(lambda: shares(api), within=10)
        api.heard()
        assert len(api.log.find("redis_away")) == len(api.log.find("redis_back")) == 1
        assert api.log.find("redis_away")[0]["level"] == "warn"
    assert post_event(user, replicas[0]).status_code == 400


def test_a_redis_that_hangs_costs_a_tenth_of_a_second_once(replicas, redis):
    user = stranger(replicas[0])
    redis.freeze()
    try:
        api = replicas[0]
        waits = []
        for _ in range(20):
            began = time.monotonic()
            assert post_event(user, api).status_code == 400
            waits.append(time.monotonic() - began)
        assert max(waits) < 0.25  # 0.1, and what a busy machine adds
        assert sorted(waits)[-3] < 0.05  # one for each thread's connection
    finally:
        redis.thaw()
    eventually(lambda: shares(replicas[0]), within=10)
    api.heard()
    assert len(api.log.find("redis_away")) == 1


def test_a_redis_that_never_was_there_stops_nothing(start):
    api = start(Api, REDIS_URL="redis://127.0.0.1:1", RATE_LIMIT_EVENTS="2/1h")
    assert "refused" in api.log.wait_for("redis_away")["error"]
    assert statuses(3, lambda: api.client.post("/events", json={"event_name": "unknown"})) == [400, 400, 429]
    eventually(lambda: not shares(api))
    assert len(api.log.find("redis_away")) == 1


def test_a_redis_that_refuses_writes_counts_as_away(start, redis):
    assert redis.command("CONFIG", "SET", "maxmemory", "1") == "+OK"
    api = start(Api, REDIS_URL=redis.url, RATE_LIMIT_EVENTS="2/1h")
    assert "OOM" in api.log.wait_for("redis_away")["error"]
    assert statuses(3, lambda: api.client.post("/events", json={"event_name": "unknown"})) == [400, 400, 429]
    assert redis.command("CONFIG", "SET", "maxmemory", "0") == "+OK"
    eventually(lambda: shares(api), within=10)


def test_redis_behind_a_password_and_a_name(start):
    with Redis(password="p@ss/word") as redis:
        place = f"localhost:{redis.port}/3"
        good = start(Api, REDIS_URL=f"redis://:p%40ss%2Fword@127.0.0.1:{redis.port}/3")
        eventually(lambda: shares(good))
        named = start(Api, REDIS_URL=f"redis://default:p%40ss%2Fword@{place}")
        bad = start(Api, REDIS_URL=f"redis://:wrong@127.0.0.1:{redis.port}")
        assert "WRONGPASS" in bad.log.wait_for("redis_away")["error"]
        eventually(lambda: shares(named), within=10)
        assert "p@ss" not in str(good.log.lines) and "wrong@" not in str(bad.log.lines)


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "redis://", "redis://:6379", "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h/x", "redis://u@h",
                                 "redis://u:%zz@h", "rediss://h", "redis://[::1"])
def test_an_address_that_cannot_be_read_ends_the_start(url):
    done = run("api", JWT_SECRET=JWT_SECRET, REDIS_URL=url)
    assert done.returncode == 1
    assert '"msg":"startup_failed"' in done.stdout and "REDIS_URL" in done.stdout


@pytest.mark.parametrize("method, path", CLASSES["public_read"][2])
def test_each_public_route_refuses_beyond_the_limit(start, method, path):
    api = start(Api, RATE_LIMIT_PUBLIC_READ="1/1m")
    assert statuses(2, lambda: api.client.request(method, path)) == [404 if "nobody" in path or EMPTY in path else 200, 429]
