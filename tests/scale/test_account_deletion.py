"""The end of a large account, by the release build: in a minute, and no statement takes a second."""
import time

import pytest

from support.exposition import Page
from support.people import new_room, sign_up
from support.program import CHECKOUT, Api, Worker, release_binary
from support.waiting import eventually

pytestmark = pytest.mark.long

PROGRAM = release_binary() or CHECKOUT / "build/personaworlds"
POSTS, REPLIES, EVENTS = 100_000, 50_000, 50_000
STATEMENTS = ["accounts/erase_posts", "accounts/erase_rows", "accounts/erase_user"]


@pytest.fixture
def database(own_database):
    return own_database


def fill(database, user, stranger):
    personas = [user.persona(name=f"Persona {n}").id for n in range(5)]
    room = new_room(database)
    database.execute(
        "INSERT INTO posts (room_id, persona_id, user_id, status, content, published_at) "
        "SELECT %s, (%s::uuid[])[n %% 5 + 1], %s, 'PUBLISHED', 'Tabs or spaces, the ' || n || 'th time?', now() "
        "FROM generate_series(1, %s) n", room.id, personas, user.id, POSTS)
    database.execute(
        "INSERT INTO replies (post_id, user_id, content) SELECT id, %s, 'No.' FROM posts WHERE user_id = %s LIMIT %s",
        stranger.id, user.id, REPLIES)
    database.execute(
        "INSERT INTO jobs (job_type, post_id, status, finished_at) "
        "SELECT 'generate_reply', id, 'DONE', now() FROM posts WHERE user_id = %s LIMIT %s", user.id, REPLIES)
    database.execute("INSERT INTO events (user_id, event_name) SELECT %s, 'daily_return' FROM generate_series(1, %s)",
                     user.id, EVENTS)
    database.execute("ANALYZE")


def test_an_account_with_100000_posts_is_gone_in_a_minute(database, start):
    api, worker = start(Api, program=PROGRAM), start(Worker, program=PROGRAM)
    user, stranger = sign_up(api), sign_up(api)
    fill(database, user, stranger)
    began = time.monotonic()
    assert user.request("DELETE", "/me", json={"password": user.password}).status_code == 202
    eventually(lambda: database.count("users", id=user.id) == 0, within=120, pause=0.2)
    took = time.monotonic() - began
    page = Page(worker.metrics())
    value = lambda what, query, **more: page.value(f"db_query_duration_seconds_{what}", query=query, **more)
    mean = {query: value("sum", query) / value("count", query) for query in STATEMENTS}
    print(f"{took:.1f} s; a statement took {max(mean.values()) * 1000:.0f} ms in the mean")
    assert took < 60
    assert [query for query in STATEMENTS if value("bucket", query, le="1") < value("count", query)] == []
    assert database.count("posts") == database.count("replies") == 0
