"""CORS: which pages of other origins may call the API."""
import pytest

from support.program import JWT_SECRET, Api, run

ORIGINS = ["https://app.example.org", "http://pages.example.net:8081"]
METHODS = {"GET", "POST", "PUT", "DELETE", "OPTIONS"}
HEADERS = {"accept", "authorization", "content-type", "idempotency-key", "x-request-id"}
HOSTILE = ["null", "", "*", "https://APP.example.org", "HTTPS://app.example.org", "https://app.example.org:443",
           "https://app.example.org:8443", "http://app.example.org",
           "https://app.example.org/", "https://app.example.org.evil.test", "https://evil-app.example.org",
           "https://evilapp.example.org", "https://example.org", "https://app.example.or",
           "https://app.example.org, http://pages.example.net:8081",
           "https://app.example.org http://pages.example.net:8081", "https://app.example.org@evil.test",
           "https://app.example.org#evil.test", "https://app%2eexample.org", "https://app.example.org\t.evil.test",
           "file://", "https://", "http://pages.example.net", "http://pages.example.net:80810"]


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, CORS_ALLOWED_ORIGINS=f"{ORIGINS[0]}/, {ORIGINS[1]}") as api:
        yield api


def words(value):
    return {word.strip() for word in value.split(",")}


def cors_headers(answer):
    return {name: value for name, value in answer.headers.items() if name.lower().startswith("access-control-")}


def preflight(api, path, origin, method="POST", **headers):
    return api.client.options(path, headers={"Origin": origin, "Access-Control-Request-Method": method} | headers)


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_answer_may_be_read_by_pages_on_the_list(api, origin):
    for path, status in (("/healthz", 200), ("/rooms", 401), ("/nowhere", 404), ("/b/x", 400)):
        answer = api.client.get(path, headers={"Origin": origin})
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in words(answer.headers["Vary"])


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", ["/rooms", "/auth/login", "/personas/x", "/posts//thread"])
def test_a_preflight_is_answered_before_authorisation_and_checks(api, path, origin):
    answer = preflight(api, path, origin, "PUT", **{"Access-Control-Request-Headers": "authorization, content-type"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert words(answer.headers["Access-Control-Allow-Methods"]) == METHODS
    assert words(answer.headers["Access-Control-Allow-Headers"].lower()) == HEADERS
    assert answer.headers["Access-Control-Max-Age"] == "300"
    assert "Origin" in words(answer.headers["Vary"])


def test_a_preflight_for_no_route_is_404(api):
    assert preflight(api, "/nowhere", ORIGINS[0]).status_code == 404


def test_preflights_are_not_limited(start):
    api = start(Api, RATE_LIMIT_AUTH="1/1h", CORS_ALLOWED_ORIGINS=ORIGINS[0])
    assert [preflight(api, "/auth/login", ORIGINS[0]).status_code for _ in range(5)] == [204] * 5
    login = {"json": {"email": "a@example.org", "password": "wrong"}, "headers": {"Origin": ORIGINS[0]}}
    assert api.client.post("/auth/login", **login).status_code == 401
    refused = api.client.post("/auth/login", **login)
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (429, ORIGINS[0])
    assert words(refused.headers["Access-Control-Expose-Headers"]) >= {"Idempotency-Replayed", "Retry-After",
                                                                              "RateLimit", "RateLimit-Policy"}


@pytest.mark.parametrize("origin", HOSTILE)
def test_other_origins_get_no_cors_header_at_all(api, origin):
    for answer in (api.client.get("/rooms", headers={"Origin": origin}), preflight(api, "/rooms", origin)):
        assert cors_headers(answer) == {}
        assert "Origin" in words(answer.headers["Vary"])


@pytest.mark.parametrize("pair", [ORIGINS, [ORIGINS[0], "https://evil.test"], ["https://evil.test", ORIGINS[0]],
                                  [ORIGINS[0]] * 2])
def test_two_origins_are_none(api, pair):
    for method in ("GET", "OPTIONS"):
        headers = [("Origin", origin) for origin in pair] + [("Access-Control-Request-Method", "GET")]
        answer = api.client.request(method, "/rooms", headers=headers)
        assert cors_headers(answer) == {}


def test_without_an_origin_there_is_only_vary(api):
    answer = api.client.get("/healthz")
    assert cors_headers(answer) == {}
    assert "Origin" in words(answer.headers["Vary"])


@pytest.mark.parametrize("headers", [{}, {"Origin": ORIGINS[0]}, {"Access-Control-Request-Method": "GET"}])
def test_options_that_are_no_preflight_are_a_method_like_any_other(api, headers):
    answer = api.client.options("/rooms", headers=headers)
    assert answer.status_code == 405
    assert words(answer.headers["Allow"]) >= {"GET", "HEAD"}


def test_a_page_may_read_what_it_needs(api):
    answer = api.client.get("/healthz", headers={"Origin": ORIGINS[0]})
    assert words(answer.headers["Access-Control-Expose-Headers"]) >= {"Retry-After", "RateLimit", "X-Request-Id"}


@pytest.mark.parametrize("settings, allowed, refused", [
    ({}, ["http://localhost:8080", "http://localhost:3000", "http://127.0.0.1:3000"],
     ["http://127.0.0.1:8080", "http://localhost:3001"]),
    ({"FRONTEND_ORIGIN": "https://pw.example/"}, ["https://pw.example", "http://localhost:3000"],
     ["http://localhost:8080"]),
    ({"FRONTEND_ORIGIN": "https://pw.example", "APP_ENV": "prod", "LLM_PROVIDER": "mock"}, ["https://pw.example"],
     ["http://localhost:3000", "http://127.0.0.1:3000"]),
    ({"CORS_ALLOWED_ORIGINS": "https://a.example"}, ["https://a.example"],
     ["http://localhost:8080", "http://localhost:3000"]),
    ({"CORS_ALLOWED_ORIGINS": "*"}, ["https://a.example", "http://localhost:1"], ["null", "x"]),
])
def test_the_default_list(start, settings, allowed, refused):
    api = start(Api, **settings)
    for origin in allowed:
        assert api.client.get("/healthz",
                              headers={"Origin": origin}).headers.get("Access-Control-Allow-Origin") == origin
    for origin in refused:
        assert cors_headers(api.client.get("/healthz", headers={"Origin": origin})) == {}


@pytest.mark.parametrize("settings, name", [
    ({"APP_ENV": "prod", "LLM_PROVIDER": "mock", "CORS_ALLOWED_ORIGINS": "*"}, "CORS_ALLOWED_ORIGINS"),
    ({"APP_ENV": "prod", "LLM_PROVIDER": "mock", "CORS_ALLOWED_ORIGINS": "https://a.example, *"},
     "CORS_ALLOWED_ORIGINS"),
    ({"CORS_ALLOWED_ORIGINS": "a.example"}, "CORS_ALLOWED_ORIGINS"),
    ({"CORS_ALLOWED_ORIGINS": "https://a.example/path"}, "CORS_ALLOWED_ORIGINS"),
    ({"CORS_ALLOWED_ORIGINS": "null"}, "CORS_ALLOWED_ORIGINS"),
    ({"CORS_ALLOWED_ORIGINS": "https://*.example"}, "CORS_ALLOWED_ORIGINS"),
])
def test_a_list_that_cannot_be_meant_ends_the_start(settings, name):
    done = run("api", **{"JWT_SECRET": JWT_SECRET} | settings)
    assert done.returncode == 1
    assert '"msg":"startup_failed"' in done.stdout and name in done.stdout
