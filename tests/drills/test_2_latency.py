"""Mode 2: API p95 latency spike, request timeouts. 300 ms more on the way to Postgres; an index is missing; a provider that takes 9 s."""
import pytest

from fakes.openai import answer
from support.waiting import eventually


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack(way=True)


def test_the_way_to_postgres_is_slow(stack):
    with stack.drill("database_slow", page="LatencyHigh") as drill:
        stack.way.delay = 0.15  # each way
        drill.seen(lambda: [line for line in stack.api.log.find("http_request", route="/feed") if line["latency_ms"] > 300])
        drill.remedied()  # they take traffic away, and show that no statement is to blame
        stack.way.delay = 0  # what the network's people do meanwhile
        done = stack.run("personaworlds settings unset rate_limit.public_read")
        assert done.returncode == 0


def test_an_index_is_missing(stack):
    """triage names it before anybody feels it: no page."""
    definition = "SELECT indexdef FROM pg_indexes WHERE indexname = 'jobs_due'"
    before = stack.database.value(definition)
    with stack.drill("index_missing") as drill:
        stack.database.execute("DROP INDEX jobs_due")
        drill.seen()
        drill.remedied()
        assert stack.database.value(definition) == before


def test_the_provider_takes_nine_seconds(stack):
    with stack.drill("model_slow", page="ModelLatencyHigh") as drill:
        stack.provider.default = answer(delay=9)
        drill.seen(lambda: [line for line in stack.api.log.find("http_request", route="/rooms/{id}/posts/draft") if line["latency_ms"] > 8000], within=40)
        drill.remedied()
        before = len(stack.traffic.published)
        eventually(lambda: len(stack.traffic.published) > before + 3, within=20)  # while the provider still takes nine seconds
        stack.provider.default = answer()
    assert stack.run("personaworlds settings unset llm.provider").returncode == 0
