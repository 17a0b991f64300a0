"""Who waits for password hashing: a flood keeps nobody else out."""
import contextlib
import json
import statistics
import sys
from collections import Counter

from support.limits import log_in
from support.people import sign_up
from support.program import CHECKOUT, Api, release_binary
from support.waiting import eventually
from support.wire import Connection, request

sys.path.insert(0, str(CHECKOUT / "bench"))

import load_logins  # noqa: E402
from open_loop import PROBED, Client, Prober  # noqa: E402

SECONDS, SIGN_UPS, LOGINS = 4, 300, 2  # a second; a machine hashes 45, a very busy one 4
CONNECTIONS = 300


def test_sign_ups_by_the_thousand_leave_logins_and_reads_alone(start):
    """A short run of what `script/bench load --only logins` measures,
    with bounds that hold on a busy machine."""
    api = start(Api, program=release_binary(), **load_logins.SETTINGS)
    api.expect_errors("http_request")
    others = load_logins.others(api.port, PROBED, LOGINS)
    with Client(api.port, CONNECTIONS) as client, Prober(api.port, others) as prober:
        flood = client.run(load_logins.flood(SECONDS, SIGN_UPS))
    logins = [answer for answer in prober.answers if answer.kind == "login"]
    served = sum(answer.good for answer in logins) / len(logins)
    print(f"{served:.0%} of {len(logins)} logins, p99 {prober.p99('login'):.0f} ms; "
          f"rooms p99 {prober.p99('rooms'):.1f} ms; {Counter(answer.status for answer in flood)} of the flood")
    assert sum(answer.status == 503 for answer in flood) > len(flood) / 2, "the flood is more than can be hashed"
    assert len(logins) >= SECONDS * LOGINS / 2 and served >= 0.9
    waits = [statistics.median(answer.ms for answer in answers if answer.good) for answers in (logins, flood)]
    assert waits[0] < waits[1], "logins don't wait behind sign-ups"
    assert all(answer.good for answer in prober.answers if answer.kind == "rooms")
    assert prober.p99("rooms") < waits[1], "nor do reads"


@contextlib.contextmanager
def waiting_logins(api, count, address):
    """So many connections with a login from the address that isn't answered yet."""
    body = json.dumps({"email": "nobody@example.org", "password": "wrong password"})
    with contextlib.ExitStack() as open_ones:
        connections = [open_ones.enter_context(Connection(api.port, within=30)) for _ in range(count)]
        for connection in connections:
            connection.send(request("POST", "/auth/login", f"X-Forwarded-For: {address}", body=body))
        yield connections


def log_in_from(api, user, address):
    return log_in(api, user.email, user.password, **{"X-Forwarded-For": address}).status_code


def test_a_network_that_fills_the_queue_gives_others_places(start):
    """Its last comers lose theirs, and are told so."""
    api = start(Api, TRUSTED_PROXIES="127.0.0.1")
    api.expect_errors("http_request")
    user = sign_up(api)
    with waiting_logins(api, 200, "10.1.1.1") as connections:
        shed = 'http_requests_shed_total{reason="password_queue"}'
        eventually(lambda: shed in (page := api.metrics()) and f"{shed} 0" not in page)
        assert [log_in_from(api, user, f"10.2.{n}.1") for n in range(5)] == [200] * 5
        answers = Counter(connection.answer().status_code for connection in connections)
    assert set(answers) == {401, 503} and answers[503] >= 5


def test_a_request_whose_time_is_over_gives_its_place_back(start):
    """Its password isn't hashed any more; else the second crowd would find the first one's places taken."""
    api = start(Api, TRUSTED_PROXIES="127.0.0.1", API_REQUEST_TIMEOUT="500ms")
    api.expect_errors("http_request")
    for _ in range(3):
        with waiting_logins(api, 60, "10.1.1.1") as connections:
            assert {connection.answer().status_code for connection in connections} <= {401, 504}
