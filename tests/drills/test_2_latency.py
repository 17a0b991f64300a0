"""Mode 2: API p95 latency spike, request timeouts. 300 ms more on the way to Postgres;
an index is missing; a provider that takes 9 s."""
from statistics import median

import pytest

from fakes.openai import answer
from support.waiting import eventually

READ_NOTIFICATIONS = 60000  # as many as one index keeps out of each look


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack(way=True)


def slow(stack, route, more_than_ms):
    """The log says so of a request."""
    return lambda: [line
                    for line in stack.api.log.find("http_request", route=route) if line["latency_ms"] > more_than_ms]


def test_the_way_to_postgres_is_slow(stack):
    with stack.drill("database_far", page="LatencyHigh") as drill:
        stack.way.delay = 0.15  # each way
        drill.seen(slow(stack, "/feed", 300), stack.measured("service:db_query_duration_seconds:p95_5m > 0.25"))
        drill.remedied()  # they take traffic away, and show that no statement is to blame
        stack.way.delay = 0  # what the network's people do meanwhile
        assert stack.run("personaworlds settings unset rate_limit.public_read").returncode == 0


def test_an_index_is_missing(stack):
    """triage names it before it hurts enough for a page."""
    stack.database.execute(
        "INSERT INTO notifications (user_id, type, title, read_at, created_at) "
        "SELECT %s, 'persona_followed', 'read long ago', now(), now() - n * interval '1 minute' "
        "FROM generate_series(1, %s) n",
        stack.traffic.user.id, READ_NOTIFICATIONS)

    def usual(latest=10):
        """Milliseconds of a look at the notifications."""
        return median(line["latency_ms"]
                      for line in stack.api.log.find("http_request", route="/notifications")[-latest:])

    definition = "SELECT indexdef FROM pg_indexes WHERE indexname = 'notifications_newest'"
    before = stack.database.value(definition)
    with stack.drill("index_missing") as drill:
        fast = usual()
        stack.database.execute("DROP INDEX notifications_newest")
        drill.seen(lambda: usual() > 2 * fast, stack.measured(
            'topk(1, rate(db_query_duration_seconds_sum{job="backend"}[5s])) and on (query) '
            'db_query_duration_seconds_count{query="notifications/list"}'))
        drill.remedied()
        assert stack.database.value(definition) == before
        eventually(lambda: usual() < 2 * fast, within=20)


def test_the_provider_takes_nine_seconds(stack):
    with stack.drill("model_slow", page="ModelLatencyHigh") as drill:
        stack.provider.default = answer(delay=9)
        drill.seen(slow(stack, "/rooms/{id}/posts/draft", 8000),
                   stack.measured("service:llm_request_duration_seconds:p95_10m > 8"), within=40)
        drill.remedied()
        before = len(stack.traffic.published)
        # While the provider still takes nine seconds.
        eventually(lambda: len(stack.traffic.published) > before + 3, within=20)
        stack.provider.default = answer()
        assert stack.run("personaworlds settings unset llm.provider").returncode == 0
