"""Mode 6: abuse of public endpoints. Many sources that write a forged X-Forwarded-For are found,
blocked and held off by a tighter limit; then two replicas that count apart come to share one
count."""
import contextlib
import itertools
import threading

import httpx
import pytest

from support.exposition import Page
from support.redis import Redis
from support.waiting import eventually

LIMIT = 32
HONEST, DOUBLE = "192.0.2.7", "192.0.2.8"
SOURCES = [f"203.0.113.{n}" for n in range(1, 5)]


@pytest.fixture(scope="module")
def stack(make_stack):
    """Two APIs, whose clients come through a proxy on this machine."""
    redis = Redis()
    stack = make_stack(apis=2, redis=redis,
                       api={"TRUSTED_PROXIES": "127.0.0.1/32", "RATE_LIMIT_PUBLIC_READ": f"{LIMIT}/1m"})
    yield stack
    stack.close()
    if redis.process:
        redis.kill()


def read(api, address, claimed=None):
    """As the proxy hands it on: what the client claims to be, then what the proxy saw."""
    forwarded = f"{claimed}, {address}" if claimed else address
    return api.client.get("/templates", headers={"X-Forwarded-For": forwarded})


@contextlib.contextmanager
def meanwhile(act, pause):
    """`act(n)` again and again, in a thread of its own; the list of what it gave."""
    over, given = threading.Event(), []

    def keep_on():
        for n in itertools.count():
            with contextlib.suppress(httpx.HTTPError, RuntimeError):  # an API that is being restarted
                given.append(act(n))
            if over.wait(pause):
                return

    thread = threading.Thread(target=keep_on)
    thread.start()
    try:
        yield given
    finally:
        over.set()
        thread.join()


def refusals(stack):
    return sum(Page(api.metrics()).value("rate_limit_events_total", scope="ip", endpoint="public_read")
               for api in stack.apis)


def test_many_sources_with_forged_addresses(stack):
    def abuse(n):
        return read(stack.apis[n % 2], SOURCES[n // 2 % len(SOURCES)], claimed=HONEST).status_code

    with stack.drill("rate_limit_spike", page="RateLimitSpike") as drill, meanwhile(abuse, pause=0.005) as answers:
        before = refusals(stack)
        who, block, tighten = drill.seen(lambda: refusals(stack) > before + 50,
                                         lambda: stack.api.log.find("rate_limited", endpoint="public_read"))
        assert read(stack.api, HONEST).status_code == 200  # the forged address is nobody's count
        offenders = [line.split()[1] for line in stack.run(who).stdout.splitlines()]
        assert sorted(offenders) == SOURCES
        for address in offenders:
            assert stack.run(block.replace("ADDRESS", address)).returncode == 0
        assert stack.run(tighten).returncode == 0
        eventually(lambda: len(answers) > 100 and set(answers[-50:]) == {403})
        assert '"public_read";q=30;w=60' in eventually(lambda: read(stack.api, "192.0.2.9")).headers["RateLimit-Policy"]
        eventually(stack.verified, within=60)  # though they are still at it
        eventually(lambda: stack.prometheus.pages() == set(), within=60)
    for address in SOURCES:
        assert stack.run(f"personaworlds block remove {address}").returncode == 0
    assert stack.run("personaworlds settings unset rate_limit.public_read").returncode == 0
    eventually(lambda: all(f'"public_read";q={LIMIT};w=60' in read(api, "192.0.2.9").headers["RateLimit-Policy"]
                           for api in stack.apis))


def allowed(stack, address):
    """How many of its requests one client gets answered, going from one API to the other."""
    return [read(stack.apis[n % 2], address).status_code for n in range(3 * LIMIT)].count(200)


def test_two_replicas_that_count_apart(stack):
    """Each client has every limit twice, until the count is one.
    There is no page for it: nobody needs to get up."""
    with stack.drill("limits_not_shared") as drill:
        with meanwhile(lambda n: allowed(stack, DOUBLE) if n == 0 else read(stack.apis[n % 2], DOUBLE).status_code,
                       pause=0.5) as answers:
            eventually(lambda: answers, within=20)
            assert answers[0] == 2 * LIMIT
            drill.seen(lambda: all(Page(api.metrics()).value("rate_limit_shared") == 0 for api in stack.apis))
        drill.remedied()
        eventually(lambda: all(api.is_ready() and Page(api.metrics()).value("rate_limit_shared") == 1
                               for api in stack.apis), within=20)
        assert allowed(stack, "192.0.2.10") == LIMIT
