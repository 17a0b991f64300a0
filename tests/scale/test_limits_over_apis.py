"""Limits of two APIs that count together in one Redis, behind the HAProxy that deploy/ha/ ships: who asks
for far more than he may, over the ends of windows, gets what he may, whichever API he meets. What
becomes of it without Redis: api/test_rate_limits_shared.py; while its master moves: test_stack_faults.py."""
import time
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from support.haproxy import HAProxy
from support.limits import RATE_LIMIT, rejections, stranger
from support.exposition import Page
from support.program import Api
from support.redis import Redis
from support.waiting import at_once, eventually
from support.wire import Connection, request

pytestmark = [pytest.mark.scale, pytest.mark.timeout(300)]

LIMIT, WINDOW, WINDOWS = 100, 2, 5  # requests in so many seconds; and as many windows are filled
CONNECTIONS = 4  # of a client, which all ask again as soon as they are answered
PATIENCE = 10 * WINDOW * WINDOWS
CLOCK = 0.002  # seconds that two clocks may differ in where they cut a millisecond


@dataclass(frozen=True)
class Answer:
    sent: float
    ended: float
    left: int  # that the window still has room for; -1: refused
    retry_after: int = 0


@dataclass
class Client:
    """Who is counted together, and all that it got."""

    name: str
    asks: bytes
    addresses: list
    answers: list = field(default_factory=list)

    def ask(self, port, address, end):
        """One connection, until the last window is full."""
        with Connection(port, within=30, source=address) as connection:
            while self.full() < WINDOWS and time.monotonic() < end:
                sent = time.monotonic()
                connection.send(self.asks)
                told = connection.answer()
                _, left, resets = RATE_LIMIT.fullmatch(told.headers["ratelimit"]).groups()
                if told.status_code == 429:
                    assert (left, told.headers["retry-after"]) == ("0", resets)
                self.answers.append(Answer(sent, time.monotonic(), -1, int(resets)) if told.status_code == 429
                                    else Answer(sent, time.monotonic(), int(left)))

    def full(self):
        return sum(answer.left == 0 for answer in list(self.answers))

    def passed(self):
        return [answer for answer in self.answers if answer.left >= 0]

    def took(self):
        """Seconds, to the last that passed."""
        return max(answer.ended for answer in self.passed()) - min(answer.sent for answer in self.answers)

    def starts(self):
        """The first request of each window."""
        return sorted((answer for answer in self.answers if answer.left == LIMIT - 1), key=lambda answer: answer.sent)

    def refused_within_windows(self):
        """Of each window that another follows: what certainly was refused in it."""
        for start, following in pairwise(self.starts()):
            yield following, [answer for answer in self.answers if answer.left < 0
                              and start.ended <= answer.sent and answer.ended <= following.sent]


@pytest.fixture(scope="module")
def apis(database):
    limits = {f"RATE_LIMIT_{name}": f"{LIMIT}/{WINDOW}s" for name in ("TEMPLATE_CREATE", "PUBLIC_READ", "EVENTS")}
    with (Redis() as redis, Api(database.url, REDIS_URL=redis.url, TRUSTED_PROXIES="127.0.0.1", **limits) as one,
          Api(database.url, REDIS_URL=redis.url, TRUSTED_PROXIES="127.0.0.1", **limits) as other):
        for api in (one, other):
            eventually(lambda: Page(api.metrics()).value("rate_limit_shared") == 1)
        yield one, other


def of_user(api, path):
    return request("POST", path, f"Authorization: Bearer {stranger(api).token}", "Content-Type: application/json",
                   body="{}")


def ask_all(apis, *clients):
    """At once, until each has filled so many windows."""
    with HAProxy(*apis) as balancer:
        end = time.monotonic() + PATIENCE
        at_once(*(lambda client=client, n=n: client.ask(balancer.port, client.addresses[n % len(client.addresses)], end)
                  for client in clients for n in range(CONNECTIONS)))


@pytest.fixture(scope="module")
def clients(apis):
    """Users at two addresses each, so that it is not the address that is full, and addresses."""
    users = [Client(f"user {n}, {path}", of_user(apis[0], path), [f"127.1.{n}.1", f"127.1.{n}.2"])
             for n, path in enumerate(["/templates", "/templates", "/events", "/events"])]
    addresses = [Client(f"address {n}", request("GET", "/p/nobody"), [f"127.2.{n}.1"]) for n in range(3)]
    ask_all(apis, *users, *addresses)
    return users + addresses


def test_what_is_let_through_is_the_limit(clients):
    for client in clients:
        begun, passed = len(client.starts()), len(client.passed())
        print(f"{client.name}: {passed} of {len(client.answers)} let through in {begun} windows, "
              f"{passed / begun / LIMIT:.4f} of what is allowed")
        assert client.full() == begun == WINDOWS
        assert passed == pytest.approx(WINDOWS * LIMIT, rel=0.01)
        assert len(client.answers) > 1.5 * passed, "nobody asked for much more"


def test_windows_are_no_shorter_than_promised(clients):
    """By the clock alone, whatever the answers say of windows."""
    for client in clients:
        assert all(later.ended - earlier.sent >= WINDOW - CLOCK for earlier, later in pairwise(client.starts()))
        assert len(client.passed()) <= LIMIT * (1 + client.took() // (WINDOW - CLOCK))


def test_who_waits_as_long_as_told_finds_a_new_window(clients):
    for client in clients:
        for following, refused in client.refused_within_windows():
            assert len(refused) > LIMIT / 20
            assert {answer.retry_after for answer in refused} <= set(range(1, WINDOW + 1))
            over = min(answer.ended + answer.retry_after for answer in refused)
            assert max(answer.sent for answer in refused) <= over + CLOCK


def test_nobody_is_told_to_wait_a_second_too_long(clients):
    for client in clients:
        for following, refused in client.refused_within_windows():
            assert all(answer.sent + answer.retry_after - 1 <= following.ended + CLOCK for answer in refused)


def test_both_apis_have_counted(apis, clients):
    refused = [sum(rejections(api, scope=scope, endpoint=endpoint) for scope, endpoint in (
        ("user", "template_create"), ("ip", "public_read"), ("user", "events"))) for api in apis]
    assert sum(refused) == sum(answer.left < 0 for client in clients for answer in client.answers)
    assert min(refused) > sum(refused) / 10
    assert not any(api.log.find("redis_away") for api in apis)


def test_a_user_who_is_an_address_too_gets_no_more(apis):
    """A window of each kind, which begin a moment apart: what the address refuses in that moment the user
    has used up."""
    client = Client("user and address", of_user(apis[0], "/events"), ["127.3.1.1"])
    ask_all(apis, client)
    passed, windows = len(client.passed()), 1 + client.took() // (WINDOW - CLOCK)
    print(f"{client.name}: {passed} let through in {windows:.0f} windows")
    assert 0.9 * WINDOWS * LIMIT < passed <= LIMIT * windows
