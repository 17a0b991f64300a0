"""What `script/bench load` measures with: a client that counts from when a request was due, and a day
of people whose requests the API answers."""
import random
import sys
from collections import Counter

import pytest

from support.program import CHECKOUT, Api

sys.path.insert(0, str(CHECKOUT / "bench"))

import load_day  # noqa: E402
import reads_data  # noqa: E402
from open_loop import Client, Prober, Request, ask, paced, request_of  # noqa: E402
from reads_routes import routes_of  # noqa: E402

USERS = 400  # as many profiles as people look at
HEALTH = request_of("GET", "/healthz")


def test_paced_requests_are_due_at_equal_distances():
    assert paced("a", [b"x", b"y"], rate=4, seconds=1) == [Request(0, "a", b"x"), Request(0.25, "a", b"y"),
                                                           Request(0.5, "a", b"x"), Request(0.75, "a", b"y")]


def test_a_request_has_its_token_and_its_body():
    assert request_of("POST", "/events", "me", '{"a":"é"}') == (
        b"POST /events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer me\r\nContent-Type: application/json\r\n"
        b"Content-Length: 10\r\n\r\n" + '{"a":"é"}'.encode())


def test_a_day_is_lived_by_all_people_at_their_pace():
    plan = load_day.plan(100, random.Random(7))
    assert plan == sorted(plan) == load_day.plan(100, random.Random(7))
    assert 0 <= plan[0][0] and plan[-1][0] < 100
    assert {person for _, person, _ in plan} == set(range(load_day.PEOPLE))
    assert len(plan) == pytest.approx(load_day.PEOPLE * 100 / load_day.THINK, rel=0.05)
    shares = Counter(act for _, _, act in plan)
    assert {act: 100 * count / len(plan) for act, count in shares.items()} == pytest.approx(load_day.ACTS, abs=2)


def test_a_request_that_waits_for_a_connection_is_late(api):
    first, second = ask(api.port, [Request(0, "a", HEALTH), Request(0, "b", HEALTH)], connections=1)
    assert (first.status, second.status) == (200, 200)
    assert first.sent <= first.ended <= second.sent
    assert second.ms == (second.ended - second.due) * 1000 > (second.ended - second.sent) * 1000
    assert second.due == first.due


def test_what_was_refused_is_due_again(start):
    api = start(Api, RATE_LIMIT_PUBLIC_READ="1/1s")
    with Client(api.port, 2) as client:
        answers = client.run([Request(0, "templates", request_of("GET", "/templates"))] * 2, again_after=0.1)
    statuses = Counter(answer.status for answer in answers)
    assert statuses[200] == 2 and statuses[429] >= 1 and len(statuses) == 2
    assert answers[-1].good


def test_a_connection_that_was_closed_is_opened_anew(api):
    last = HEALTH.replace(b"Host", b"Connection: close\r\nHost")
    answers = ask(api.port, [Request(0, "a", last), Request(0.5, "b", HEALTH)], connections=1)
    assert [answer.status for answer in answers] == [200, 200]


def test_the_prober_asks_while_its_block_runs(api):
    with Prober(api.port, paced("rooms", [request_of("GET", "/rooms")], 50, 60)) as prober:
        ask(api.port, paced("healthz", [HEALTH], 10, 1))
    assert {(answer.kind, answer.status) for answer in prober.answers} == {("healthz", 200), ("rooms", 401)}
    assert prober.answers[-1].due - prober.answers[0].due > 0.5
    assert prober.p99() > 0


def test_all_acts_of_a_day_are_answered(own_database):
    reads_data.load(own_database, USERS, lambda *_: None)
    rooms = [str(row["id"]) for row in own_database.rows("SELECT id FROM rooms ORDER BY slug")]
    routes = {route.name: route for route in routes_of(rooms, USERS)}
    with Api(own_database.url) as api:
        answers = ask(api.port, load_day.requests_of_day(2, routes, rooms))
    assert {answer.kind for answer in answers} == set(load_day.ACTS)
    assert [answer for answer in answers if not answer.good] == []
