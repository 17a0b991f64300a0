"""What a request costs the API in instructions of its processor: a number that, unlike a time, is
the same on a busy machine. It counts the program and its libraries, so each Debian has figures of
its own, in instructions.txt. Where a change costs more for a reason, the message has the new line."""
import pathlib
import platform
import re

import pytest

from support.counted import PROGRAM, CountedApi
from support.people import new_room, sign_up
from support.program import Api

FIGURES = pathlib.Path(__file__).with_name("instructions.txt")
TOLERATED = 1.10


@pytest.fixture
def database(own_database):
    return own_database


def room_of_100_posts(database, user, persona):
    room = new_room(database, name="A room")
    database.execute(
        "INSERT INTO posts (room_id, persona_id, user_id, authored_by, status, content, published_at, created_at) "
        "SELECT %s, %s, %s, 'AI', 'PUBLISHED', repeat('An argument of a post. ', 12) || n, now(), "
        "now() - n * interval '1 minute' FROM generate_series(100, 199) n", room.id, persona.id, user.id)
    return room


def notify(database, user, persona):
    database.execute(
        "INSERT INTO notifications (user_id, actor_user_id, type, title, metadata) "
        "SELECT %s, %s, 'persona_followed', 'Somebody follows you', jsonb_build_object('persona_id', %s::text) "
        "FROM generate_series(1, 5)", user.id, user.id, persona.id)


def requests(user, room):
    get = lambda path: lambda: user.get(path).raise_for_status()
    event = {"event_name": "public_profile_viewed", "metadata": {"slug": "somebody"}}
    return {"GET /healthz": lambda: user.api.client.get("/healthz").raise_for_status(),
            "GET /rooms": get("/rooms"),
            "GET /personas": get("/personas"),
            "GET /rooms/{id}/posts?limit=100": get(f"/rooms/{room.id}/posts?limit=100"),
            "GET /notifications": get("/notifications"),
            "POST /events": lambda: user.post("/events", json=event).raise_for_status()}


def recorded():
    """The figures of this Debian, or of the newest one before it."""
    rows = [line.split() for line in FIGURES.read_text().splitlines() if line and not line.startswith("#")]
    _, *releases = rows[0]
    here = int(re.search(r'^VERSION_ID="?(\d+)', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)[1])
    column = max(i for i, release in enumerate(releases) if i == 0 or int(release) <= here)
    return {" ".join(row[:2]): int(row[2 + column]) for row in rows[1:]}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the figures are those of x86-64")
def test_no_route_costs_a_tenth_more_than_recorded(database, tmp_path):
    with Api(database.url, program=PROGRAM) as api:
        user = sign_up(api)
        persona = user.persona()
    room = room_of_100_posts(database, user, persona)
    notify(database, user, persona)
    database.execute("ANALYZE")
    with CountedApi(tmp_path, database.url) as api:
        costs = {route: api.cost(request) for route, request in requests(user.at(api), room).items()}
    table = "".join(f"\n{route:34} {cost:8}" for route, cost in costs.items())
    figures = recorded()
    assert costs.keys() == figures.keys(), table
    assert all(cost <= figures[route] * TOLERATED for route, cost in costs.items()), table
