"""A thread's summary: a model that takes its time costs a thread's readers next to nothing,
and is asked once for all of them."""
import json
import statistics
import time

import pytest

from fakes.openai import hang
from support.program import Worker
from support.queue import speaking_to
from support.waiting import at_once, eventually, in_parallel
from support.wire import Connection, request

READERS = 100
READS = 30
NO_SUMMARY = "Thread summary unavailable right now."


@pytest.fixture
def slow_model(start, provider):
    """A model that answers when the test says so, and a worker that waits for it."""
    provider.default = hang("What was said.")
    start(Worker, **speaking_to(provider))
    yield provider
    provider.release()


def write_summary(database, post, version="an old one"):
    database.execute("INSERT INTO thread_summaries (post_id, version, summary) "
                     "VALUES (%s, %s, 'What was said before.')", post.id, version)


def new_posts(database, user, post, n):
    """The ids of n published posts beside this one, without a summary."""
    rows = database.rows("INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at) "
                         "SELECT %s, %s, 'HUMAN', 'PUBLISHED', 'Is it?', now() FROM generate_series(1, %s) "
                         "RETURNING id", post.room_id, user.id, n)
    return [row["id"] for row in rows]


def another_post(database, user, post):
    """Published, with a summary that is as fresh as can be:
    what reading costs where nothing is asked for."""
    (id,) = new_posts(database, user, post, 1)
    database.execute("INSERT INTO thread_summaries (post_id, version, summary) "
                     "SELECT id, thread_version(updated_at, 0, NULL), 'What was said before.' FROM posts WHERE id = %s",
                     id)
    return id


def reading(user, post_id):
    return request("GET", f"/posts/{post_id}/thread", f"Authorization: Bearer {user.token}")


def durations(user, post_id, status):
    """Of reads one after the other, each answered with this status."""
    times = []
    with Connection(user.api.port) as connection:
        for _ in range(READS):
            started = time.perf_counter()
            connection.send(reading(user, post_id))
            said = connection.answer()
            times.append(time.perf_counter() - started)
            assert said.status_code == 200 and f'"ai_summary_status":"{status}"'.encode() in said.body, said
    return times


def visit(api, post_id):
    """What a visitor on a new connection gets, and after how long."""
    with Connection(api.port) as connection:
        started = time.perf_counter()
        connection.send(request("GET", f"/b/{post_id}"))
        return json.loads(connection.answer().body), time.perf_counter() - started


def crowd(user, post_id):
    """The bodies that READERS get who come at the same time, and how long the last one waited."""
    connections = [Connection(user.api.port) for _ in range(READERS)]
    try:
        started = time.perf_counter()
        for connection in connections:
            connection.send(reading(user, post_id))
        bodies = [connection.answer().body.decode() for connection in connections]
        return bodies, time.perf_counter() - started
    finally:
        for connection in connections:
            connection.close()


def test_any_summary_is_served_at_once(user, post, database, slow_model):
    idle = durations(user, another_post(database, user, post), "fresh")
    write_summary(database, post)
    first = durations(user, post.id, "stale")
    eventually(lambda: slow_model.in_flight == 1)
    meanwhile = durations(user, post.id, "stale")
    assert slow_model.in_flight == 1
    for times in (first, meanwhile):  # one who waits does so for 2 s; a busy machine adds to some
        assert statistics.median(times) < 0.050 + 4 * statistics.median(idle)
        assert max(times) < 1.5 + 4 * max(idle)
    assert len(slow_model.requests) == 1


def test_without_a_summary_a_reader_waits_two_seconds_and_no_longer(user, post, database, slow_model):
    idle = max(durations(user, another_post(database, user, post), "fresh"))
    started = time.perf_counter()
    thread = user.thread(post)
    took = time.perf_counter() - started
    assert (thread.ai_summary, thread.ai_summary_status) == (NO_SUMMARY, "unavailable")
    assert 1.9 < took < 6 + idle
    assert slow_model.in_flight == 1
    slow_model.release()
    refreshed = eventually(lambda: (thread := user.thread(post)).ai_summary_status == "fresh" and thread, within=20)
    assert refreshed.ai_summary == "What was said."
    assert len(slow_model.requests) == 1


@pytest.mark.parametrize("status", ["stale", "unavailable"])
def test_a_hundred_readers_cause_one_call(user, post, database, slow_model, status):
    _, idle = crowd(user, another_post(database, user, post))
    if status == "stale":
        write_summary(database, post)
    bodies, took = crowd(user, post.id)
    assert all(f'"ai_summary_status":"{status}"' in body for body in bodies)
    assert took < (6 if status == "unavailable" else 1.5) + 3 * idle  # one who waits does so for 2 s
    eventually(lambda: slow_model.in_flight == 1)
    slow_model.release()
    eventually(lambda: user.thread(post).ai_summary_status == "fresh", within=20)
    assert len(slow_model.requests) == 1
    assert database.count("jobs", job_type="summarize_thread", post_id=post.id) == 1


def test_with_the_worker_away_only_the_first_readers_wait(api, user, post, database, start):
    """Whichever thread serves them. When one tries again: backend/tests/test_patience.c."""
    posts = new_posts(database, user, post, 12)
    visits = [visit(api, id) for id in posts]
    assert all((thread["ai_summary"], thread["ai_summary_status"]) == (NO_SUMMARY, "unavailable")
               for thread, _ in visits)
    waits = [took for _, took in visits]
    assert all(1.9 < took < 6 for took in waits[:2]), waits
    assert max(waits[2:]) < 1.9, waits
    start(Worker)
    eventually(lambda: database.count("thread_summaries") == len(posts), within=20)


def test_when_a_summary_comes_again_all_readers_wait_again(api, user, post, database, start):
    in_parallel(2, lambda: visit(api, post.id))
    start(Worker)

    def statuses(n):
        threads = at_once(*[lambda id=id: visit(api, id)[0] for id in new_posts(database, user, post, n)])
        return {thread["ai_summary_status"] for thread in threads}

    eventually(lambda: statuses(1) == {"fresh"}, within=20, pause=0.2)
    assert statuses(5) == {"fresh"}
