"""`triage` and what metrics show: services that say so of themselves.
What rows show, and the screen, stand in test_triage.py."""
import re

import pytest

from fakes.service import FakePrometheus, FakeService, histogram
from support.levers import settings
from support.ports import free_port
from support.triage import finding, found, look, status, triage


@pytest.fixture
def where(database, well):
    """Nothing is wrong but what a test makes."""
    return {"DATABASE_URL": database.url, "worker": well}


def requests(route, status, count, method="GET"):
    return {f'http_requests_total{{route="{route}",method="{method}",status="{status}"}}': (7, 7 + count)}


MODEL_ROUTE = {'http_route_info{route="/draft",method="POST",class="model"}': 1}
PROBE = {'http_route_info{route="/readyz",method="GET",class="probe"}': 1}
LLM = 'operation="reply",provider="openai"'
METRICS = {
    "errors_5xx": [requests("/feed", 500, 4) | requests("/feed", 200, 96), "4.0 % of 100 requests"],
    "routes_slow": [requests("/feed", 200, 9) | histogram("http_request_duration_seconds", 'route="/feed",method="GET"',
                                                          {"0.5": 0, "1": 9, "+Inf": 9}), "GET /feed 975 ms"],
    "database_slow": [histogram("db_query_duration_seconds", 'query="feed/followed"', {"0.1": 0, "0.25": 9, "+Inf": 9}),
                      "slowest: feed/followed 242 ms"],
    "model_slow": [histogram("llm_request_duration_seconds", LLM, {"5": 0, "10": 2, "+Inf": 2}), "9.75 s"],
    "model_failing": [{f'llm_requests_total{{{LLM},status="ok"}}': (0, 2),
                       f'llm_requests_total{{{LLM},status="error"}}': (0, 5)}, "5 of 7 calls failed"],
    "model_quota": [{f'llm_requests_total{{{LLM},status="error"}}': (0, 5),
                     'llm_troubles_total{provider="openai",cause="quota_used_up"}': (0, 5)},
                    "5 calls were refused: the account's quota is used up"],
    "model_budget": [{"llm_budget_tokens": 1000000, "llm_budget_used_tokens": 800000},
                     "800000 of 1000000 tokens of this UTC day are used (80 %)"],
    "retry_storm": [{'job_retries_total{type="generate_reply"}': (0, 9),
                     'jobs_processed_total{type="generate_reply",status="done"}': (0, 8)}, "9 retries and 8 done"],
    "notifications_late": [{"notification_lag_seconds": 61}, "1m01s"],
    "rate_limit_spike": [{'rate_limit_events_total{scope="ip",endpoint="public_read"}': (0, 101)}, "public_read 101"],
}


@pytest.mark.parametrize("id", METRICS)
def test_metrics_that_are_a_finding(where, id):
    metrics, said = METRICS[id]
    with FakeService(metrics) as service:
        one = finding(look(api=service.url, **where), id)
    assert said in one["evidence"]
    assert not any(re.search(r"\{[a-z]+\}", command) for command in one["commands"])


@pytest.mark.parametrize("metrics", [
    requests("/feed", 500, 2) | requests("/feed", 200, 20),
    requests("/feed", 500, 9) | requests("/feed", 200, 991),
    PROBE | requests("/readyz", 503, 50),
    requests("/feed", 200, 4)
    | histogram("http_request_duration_seconds", 'route="/feed",method="GET"', {"10": 0, "15": 4, "+Inf": 4}),
    MODEL_ROUTE | requests("/draft", 201, 9, "POST")
    | histogram("http_request_duration_seconds", 'route="/draft",method="POST"', {"2.5": 0, "5": 9, "+Inf": 9}),
    {f'llm_requests_total{{{LLM},status="error"}}': (0, 1)},
    {"llm_budget_tokens": 1000000, "llm_budget_used_tokens": 799999},
    {"llm_budget_tokens": 0, "llm_budget_used_tokens": 5000000},
    {'rate_limit_events_total{scope="ip",endpoint="auth"}': 50000},
    {"notification_lag_seconds": "NaN"}])
def test_metrics_that_are_none(where, metrics):
    with FakeService(metrics) as service:
        assert found(look(api=service.url, **where)) == []


@pytest.mark.parametrize("cause, words", [
    ("wrong_key", "the key is refused (wrong_key): correct OPENAI_API_KEY"),
    ("wrong_model", "set OPENAI_MODEL"), ("wrong_url", "correct OPENAI_BASE_URL: it ends"),
    ("no_route", "nobody answers"), ("tls_fault", "certificate")])
def test_a_failing_model_is_told_by_its_cause(where, cause, words):
    with FakeService({f'llm_requests_total{{{LLM},status="error"}}': (0, 5),
                      f'llm_troubles_total{{provider="openai",cause="{cause}"}}': (0, 9),
                      'llm_troubles_total{provider="openai",cause="quota_used_up"}': (3, 3)}) as service:
        seen = look(api=service.url, **where)
    assert words in finding(seen, "model_failing")["evidence"]
    assert found(seen) == ["model_failing"]


def test_calls_that_the_breaker_refused_did_not_fail(where):
    """Nobody made them: seven failures are seven, and two of seven are no failing model."""
    refused = {f'llm_requests_total{{{LLM},status="rejected"}}': (0, 28)}
    with FakeService(refused | {f'llm_requests_total{{{LLM},status="error"}}': (0, 7)}) as service:
        assert "7 of 7 calls failed (0 timed out); 28 more weren't made" in finding(
            look(api=service.url, **where), "model_failing")["evidence"]
    with FakeService(refused | {f'llm_requests_total{{{LLM},status="error"}}': (0, 2),
                                f'llm_requests_total{{{LLM},status="ok"}}': (0, 5)}) as service:
        assert found(look(api=service.url, **where)) == []


def test_an_api_that_did_well_since_its_start_is_not_broken_by_it(where):
    """Nor one whose database refuses statements."""
    well = requests("/feed", 500, 9) | {'http_requests_total{route="/feed",method="GET",status="500"}': (0, 9),
                                        'http_requests_total{route="/feed",method="GET",status="200"}': (500, 500)}
    with FakeService(well, age=60) as api:
        finding(look(api=api.url, **where), "errors_5xx")
    with FakeService(requests("/feed", 500, 9) | {'db_errors_total{sqlstate_class="42"}': (0, 9)}, age=60) as api:
        finding(look(api=api.url, **where), "statements_refused")


MEMBERS = {'http_route_info{route="/me",method="GET",class="authenticated"}': 1}


@pytest.mark.parametrize("refused, fine, age, expected", [
    (5, 4, 60, ["tokens_refused"]), (4, 0, 60, []), (5, 5, 60, []), (20, 0, 86400, ["tokens_refused"]),
    (19, 0, 86400, [])])
def test_refused_tokens(where, refused, fine, age, expected):
    with FakeService(MEMBERS | requests("/me", 401, refused) | requests("/me", 200, fine), age=age) as api:
        assert found(look(api=api.url, **where)) == expected


def test_errors_since_a_process_was_started(where):
    with FakeService(requests("/feed", 500, 9), age=60) as fresh, FakeService(requests("/feed", 500, 9)) as old:
        assert fresh.url in finding(look(api=fresh.url, **where), "errors_after_start")["evidence"]
        assert found(look("--since", "30s", api=old.url, **where)) == ["errors_5xx"]


def test_what_a_failing_model_causes_is_no_finding_of_its_own(where):
    metrics = MODEL_ROUTE | requests("/draft", 503, 20, "POST") | {'llm_breaker_state{provider="openai"}': 2,
                                                                   'job_retries_total{type="generate_reply"}': (0, 9)}
    with FakeService(metrics) as service:
        seen = look(api=service.url, **where)
    finding(seen, "model_failing")
    assert status(seen, "retry_storm") == "unknown"


def test_what_a_used_up_budget_causes_is_no_finding_of_its_own(where):
    metrics = {"llm_budget_tokens": 1000, "llm_budget_used_tokens": 950, "llm_budget_used_up": 1,
               f'llm_requests_total{{{LLM},status="rejected"}}': (0, 50)}
    with FakeService(metrics) as service:
        seen = look(api=service.url, **where)
    one = finding(seen, "model_budget")
    assert "950 of 1000 tokens of this UTC day are used (95 %): nothing is written" in one["evidence"]
    assert one["commands"][1].startswith("personaworlds settings set llm.daily_tokens 2000 --for 12h ")
    assert found(seen) == ["model_budget"]


def test_the_breaker_of_a_provider_that_nobody_asks_any_more_is_no_finding(database, where):
    with FakeService({'llm_breaker_state{provider="openai"}': 2}) as service:
        settings(database, "set", "llm.provider", "mock", "--for", "30m")
        assert found(look(api=service.url, **where)) == []
        settings(database, "unset", "llm.provider")
        finding(look(api=service.url, **where), "model_failing")


def test_calls_that_time_out_are_a_slow_model(where):
    metrics = histogram("llm_request_duration_seconds", LLM,
                        {"5": 0, "10": 4, "+Inf": 4}) | {f'llm_requests_total{{{LLM},status="timeout"}}': (0, 4)}
    with FakeService(metrics) as service:
        finding(look(api=service.url, **where), "model_slow")


def test_calls_in_flight_that_none_ends_are_a_slow_model(where):
    """The operator's own sample of 5 s: a call that was there at its start and has not ended at its
    end took longer."""
    with FakeService({'llm_in_flight{provider="openai"}': 3}) as service:
        one = finding(look(api=service.url, **where, sample="5s"), "model_slow")
    assert "of 3 calls in flight none ended" in one["evidence"]


def test_limits_that_several_apis_count_apart(where):
    metrics = {"rate_limit_shared": 0, 'rate_limit_events_total{scope="ip",endpoint="auth"}': (0, 2)}
    with FakeService(metrics) as one, FakeService(metrics | {"rate_limit_shared": 1}) as shared:
        assert "limits_not_shared" not in found(look(api=one.url, **where))
        assert "limits_not_shared" in found(look(api=[one.url, shared.url], **where))
        assert "limits_not_shared" not in found(look(api=[shared.url, where["worker"]], **where))


def test_a_counter_that_was_reset_between_the_scrapes_counts_from_0(where):
    with FakeService({'rate_limit_events_total{scope="ip",endpoint="auth"}': (90000, 101)}) as service:
        assert "auth 101" in finding(look(api=service.url, **where), "rate_limit_spike")["evidence"]


# --- Prometheus


def test_rates_over_since_from_a_prometheus(where):
    labels = {"route": "/feed", "method": "GET", "instance": "a"}
    with FakePrometheus(
        {"http_requests_total": [(labels | {"status": "500"}, 50), (labels | {"status": "200"}, "950")]}) as prometheus:
        where["api"] = where["worker"]
        one = finding(look("--prometheus", prometheus.url, "--since", "30m", **where), "errors_5xx")
        screen = triage("--prometheus", prometheus.url, **where).stdout
    assert "5.0 % of 1000 requests within 30m" in one["evidence"]
    assert any("increase(http_requests_total%5B1800s%5D)" in path for path in prometheus.paths)
    assert "within 15m00s (Prometheus)" in screen


def test_without_the_prometheus_the_sample_does(where, well):
    done = triage("--prometheus", f"http://127.0.0.1:{free_port()}", api=well, **where)
    assert done.returncode == 0 and "rates are from the sample" in done.stdout
