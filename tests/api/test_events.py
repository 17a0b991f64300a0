"""POST /events: names, cleaned metadata, and commits in groups."""
import threading
import time
from collections import Counter

import pytest

from support.exposition import Page
from support.people import new_email, sign_up
from support.program import Api
from support.waiting import at_once, eventually, in_parallel
from support.wire import Connection, request

NAMES = """
    persona_created preview_generated post_approved battle_created battle_shared public_profile_viewed
    public_battle_viewed signup_from_share remix_click remix_clicked remix_started remix_completed follow_click
    daily_return notification_clicked template_used_from_feed""".split()


def send(sender, name="daily_return", metadata=None, **more):
    body = {"event_name": name} | ({} if metadata is None else {"metadata": metadata}) | more
    return (sender.client if isinstance(sender, Api) else sender).post("/events", json=body)


def stored(database, mark):
    """The events that carry the mark, oldest first."""
    return database.rows("SELECT * FROM events WHERE metadata->>'mark' = %s ORDER BY id", mark)


@pytest.fixture
def mark():
    return new_email("mark")


@pytest.fixture
def battle(database, user, persona, room):
    return user.publish(persona, room, "Topic: Tabs or spaces")


def views(database, battle):
    return database.rows("SELECT user_id, metadata FROM events WHERE event_name = 'public_battle_viewed' "
                         "AND metadata->>'battle_id' = %s", battle.id)


def cleaned(api, database, mark, metadata):
    answer = send(api, metadata={"mark": mark} | metadata)
    assert (answer.status_code, answer.json()) == (202, {"ok": True}), answer.text
    (event,) = stored(database, mark)
    assert event["metadata"].pop("mark") == mark
    return event["metadata"]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_list_is_accepted(api, database, mark, name):
    """Which of them are stored: test_counted_once.py."""
    assert send(api, f" {name.upper()}\t", {"mark": mark}).status_code == 202
    assert {event["event_name"] for event in stored(database, mark)} <= {name}


@pytest.mark.parametrize("body", [{"event_name": "page_view"}, {"event_name": "daily_return2"},
                                  {"event_name": "daily return"}, {"event_name": ""},
                                  {"event_name": "  "}, {"event_name": None}, {}, None])
def test_any_other_name_is_refused(api, database, body):
    before = database.count("events")
    answer = api.client.post("/events", json=body) if body is not None else api.client.post("/events")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported event_name")
    assert answer.json()["code"] == "unsupported_event_name"
    assert database.count("events") == before


@pytest.mark.parametrize("metadata", [[], "x", 1, True, [{}]])
def test_metadata_is_an_object(api, metadata):
    answer = send(api, metadata=metadata)
    assert (answer.status_code, answer.json()["error"]) == (400, "metadata must be an object")


@pytest.mark.parametrize("metadata", [rb'{"a":"x\u0000"}', rb'{"a":{"b":[{"c":"\u0000"}]}}', rb'{"a\u0000":1}',
                                      b'{"a":"\xff"}', rb'{"a":["\ud800"]}', b'{"a":1,"a":2}',
                                      b'{"a":{"b":1e400}}'])
def test_what_the_table_could_not_hold_is_refused_at_every_depth(api, database, metadata):
    before = database.count("events")
    answer = api.client.post("/events", content=b'{"event_name":"daily_return","metadata":' + metadata + b"}")
    assert (answer.status_code, answer.json()["error"]) == (400, "request body must contain a single JSON object")
    assert database.count("events") == before


@pytest.mark.parametrize("rest", [{}, {"metadata": None}, {"metadata": ""}, {"metadata": {}}])
def test_metadata_may_be_missing(user, database, rest):
    assert user.post("/events", json={"event_name": "follow_click"} | rest).status_code == 202
    assert database.row("SELECT event_name, metadata FROM events WHERE user_id = %s",
                        user.id) == {"event_name": "follow_click", "metadata": {}}


def test_a_valid_token_ties_the_event_to_its_user_and_a_bad_one_counts_as_none(api, user, database, mark):
    assert send(user, metadata={"mark": mark}).status_code == 202
    assert send(api, metadata={"mark": mark}).status_code == 202
    bad = api.client.post("/events", json={"event_name": "daily_return", "metadata": {"mark": mark}},
                          headers={"Authorization": "Bearer x.y.z"})
    assert bad.status_code == 202
    assert [event["user_id"] and str(event["user_id"]) for event in stored(database, mark)] == [user.id, None, None]


def test_a_user_who_is_gone_counts_as_nobody(user, database, mark):
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    assert send(user, metadata={"mark": mark}).status_code == 202
    assert [event["user_id"] for event in stored(database, mark)] == [None]


def test_a_user_who_is_being_deleted_holds_nobody_up(api, user, database, mark):
    with database.connect() as connection, connection.transaction():
        connection.execute("DELETE FROM users WHERE id = %s", [user.id])
        assert send(user, metadata={"mark": mark}).status_code == 202
        assert send(api, metadata={"mark": mark}).status_code == 202
    assert [event["user_id"] for event in stored(database, mark)] == [None, None]


def test_keys_for_what_people_write_go_at_every_depth(api, database, mark):
    private = {"content": 1, "Message": 1, "bodyHTML": 1, "CONTEXT": 1, "post_text": "x", "messages": [1]}
    assert cleaned(api, database, mark, private | {"battle_id": "battle-123", "deep": [{"kept": True} | private]}) == {
        "battle_id": "battle-123", "deep": [{"kept": True}]}


@pytest.mark.parametrize("length, kept", [(179, 179), (180, 180), (181, 180), (500, 180)])
def test_texts_are_trimmed_and_cut_in_code_points(api, database, mark, length, kept):
    assert cleaned(api, database, mark, {"a": " \u3000" + "🦊" * length + "\n",
                                         "list": ["é" * length]}) == {"a": "🦊" * kept, "list": ["é" * kept]}


def test_empty_values_go_and_what_becomes_empty_by_that(api, database, mark):
    empty = {"a": None, "b": "", "c": " \n", "d": [], "e": {}, "f": [None, ""], "g": {"x": {"text": "gone"}}}
    assert cleaned(api, database, mark, empty
                   | {"zero": 0, "no": False, "list": [None, 1, "", 2]}) == {"zero": 0, "no": False, "list": [1, 2]}


def test_lists_and_objects_end_below_the_fourth_level(api, database, mark):
    assert cleaned(api, database, mark, {"b": {"c": {"kept": 1, "d": {"kept": 2, "e": {"gone": 3}, "f": [4]}}}}) == {
        "b": {"c": {"kept": 1, "d": {"kept": 2}}}}


@pytest.mark.parametrize("entries", [25, 26, 400])
def test_lists_and_objects_keep_25_entries(api, database, mark, entries):
    numbers = list(range(entries))
    kept = cleaned(api, database, mark,
                   {"list": [None, *numbers], "object": {"text": "gone"} | {f"k{n}": n for n in numbers}})
    assert kept == {"list": numbers[:25], "object": {f"k{n}": n for n in numbers[:25]}}
    assert len(cleaned(api, database, mark + "2", {f"k{n}": n for n in numbers})) == 24  # and the mark


def test_numbers_stay_what_they_are(api, database, mark):
    numbers = {"whole": 12, "negative": -3, "big": 9007199254740991, "huge": 1e17, "part": 0.1}
    assert cleaned(api, database, mark, numbers | {"point": 5.0}) == numbers | {"point": 5}
    assert "12.0" not in database.value("SELECT metadata::text FROM events WHERE metadata->>'mark' = %s", mark)


@pytest.mark.parametrize("size, status", [(16384, 202), (16385, 413)])
def test_the_body_is_small(api, size, status):
    body = b'{"event_name":"daily_return","metadata":{"a":"' + b"x" * (size - 49) + b'"}}'
    assert len(body) == size
    assert api.client.post("/events", content=body).status_code == status


def test_fifty_at_once_are_all_counted(user, database, mark):
    answers = in_parallel(50, lambda: send(user, "battle_shared", {"mark": mark}))
    assert {answer.status_code for answer in answers} == {202}
    assert len(stored(database, mark)) == 50


def test_many_requests_share_a_commit(api, database, mark):
    """While one batch waits for a lock, all others come together:
    they are written by the next one."""
    def batches():
        return Page(api.metrics()).value("db_query_duration_seconds_count", query="events/record")

    before = batches()
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        answers = []
        crowd = threading.Thread(
            target=lambda: answers.extend(in_parallel(100, lambda: send(api, metadata={"mark": mark}))))
        crowd.start()
        eventually(lambda: Page(api.metrics()).value("http_requests_in_flight") >= 100)
        connection.rollback()
    crowd.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len(stored(database, mark)) == 100
    assert batches() - before <= 4  # two threads, two batches each


def test_an_event_whose_client_left_is_written_all_the_same(api, user, database, mark):
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        with pytest.raises(Exception, match="timed out"):
            user.post("/events", json={"event_name": "daily_return", "metadata": {"mark": mark}}, timeout=0.2)
        connection.rollback()
    eventually(lambda: len(stored(database, mark)) == 1)


def test_what_waits_is_written_at_shutdown(start, database, mark):
    own = start(Api, API_THREADS=1)
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        answers = []
        crowd = threading.Thread(
            target=lambda: answers.extend(in_parallel(20, lambda: send(own, metadata={"mark": mark}))))
        crowd.start()
        eventually(lambda: Page(own.metrics()).value("http_requests_in_flight") >= 20)
        own.interrupt()
        own.log.wait_for("api_stopping")
        connection.rollback()
    crowd.join()
    own.wait_for_end()
    assert {answer.status_code for answer in answers} == {202}
    assert len(stored(database, mark)) == 20


def test_what_waits_is_written_at_shutdown_though_nobody_waits_for_it(start, database, mark):
    """The first batch is given up when its request is;
    the second begins then, and its requests are given up soon after."""
    own = start(Api, API_THREADS=1, API_REQUEST_TIMEOUT="2s", DB_QUERY_TIMEOUT="30s")
    own.expect_errors("http_request", "db_error", "query_failed")

    def send_two_behind_it():
        eventually(lambda: database.waiting_for_locks() == 1)
        return in_parallel(2, lambda: send(own, metadata={"mark": mark}))

    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        first, two = at_once(lambda: send(own, metadata={"mark": "lost"}), send_two_behind_it)
        assert {answer.status_code for answer in (first, *two)} == {504}
        own.interrupt()
        own.log.wait_for("api_stopping")
        connection.rollback()
    own.wait_for_end()
    assert len(stored(database, mark)) == 2


def view_until(own, battle, is_enough, people=50):
    """So many visitors at once, each with a view after the other; the number of views."""
    views, over = [], threading.Event()

    def visit():
        with Connection(own.port, within=60) as visitor:
            while not over.is_set():
                visitor.send(request("GET", f"/b/{battle.id}/meta") * 20)
                views.extend(visitor.answer().status_code for _ in range(20))

    visitors = [threading.Thread(target=visit) for _ in range(people)]
    for visitor in visitors:
        visitor.start()
    try:
        eventually(is_enough, within=60, pause=0.2)
    finally:
        over.set()
    for visitor in visitors:
        visitor.join()
    assert set(views) == {200}
    return len(views)


def test_too_much_that_waits_is_refused_and_counted(start, database, battle):
    """10,000 wait; a read is answered even then."""
    own = start(Api, API_THREADS=1, DB_QUERY_TIMEOUT="200s", API_REQUEST_TIMEOUT="60s")
    own.expect_errors("http_request")
    lost = lambda: Page(own.metrics()).value("events_lost_total")
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        seen = view_until(own, battle, lost)
        before = lost()
        refused = send(own, "remix_click")
        assert (refused.status_code, refused.json()["error"]) == (503, "server is busy")
        assert "Retry-After" in refused.headers
        assert own.client.get(f"/b/{battle.id}/meta").status_code == 200
        assert lost() == before + 2
        connection.rollback()
    eventually(lambda: len(views(database, battle)) == seen - before, within=30)


def test_a_table_that_stays_locked_ends_the_batch_and_the_loss_is_counted(start, database, mark):
    hurried = start(Api, API_THREADS=1, DB_QUERY_TIMEOUT="300ms")
    hurried.expect_errors("http_request")
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        answer = send(hurried, metadata={"mark": mark})
        connection.rollback()
    assert (answer.status_code, answer.json()["error"]) == (504, "request timed out")
    assert stored(database, mark) == []
    assert Page(hurried.metrics()).value("events_lost_total") == 1


def test_without_a_database_nothing_is_promised(cluster, own_database):
    """Postgres goes away while events come:
    who got 202 finds the event stored, everybody else was told."""
    with Api(own_database.url) as api:
        api.expect_errors("http_request")
        user = sign_up(api)
        answers, over = [], threading.Event()

        def go_on():
            while not over.is_set():
                answers.append(send(user, metadata={"mark": "away"}))

        people = [threading.Thread(target=go_on) for _ in range(8)]
        for person in people:
            person.start()
        try:
            eventually(lambda: len(answers) > 50)
            cluster.stop("immediate")
            eventually(lambda: answers[-1].status_code == 503)
        finally:
            if not cluster.accepts():
                cluster.start()
        eventually(lambda: answers[-1].status_code == 202, within=10)
        over.set()
        for person in people:
            person.join()
        assert {answer.status_code for answer in answers} == {202, 503}
        unknown = [answer
                   for answer in answers if answer.status_code == 503 and answer.json()["code"] == "outcome_unknown"]
        assert all("Retry-After" not in answer.headers for answer in unknown)
        assert all("Retry-After" in answer.headers
                   for answer in answers if answer.status_code == 503 and answer not in unknown)
        accepted = sum(answer.status_code == 202 for answer in answers)
        assert accepted <= len(stored(own_database, "away")) <= accepted + len(unknown)
        assert Page(api.metrics()).value("events_lost_total") >= 1


# ---- events that reads cause ----

def test_a_view_is_recorded_aside_and_soon(api, database, battle):
    assert api.client.get(f"/b/{battle.id}/meta").status_code == 200
    (view,) = eventually(lambda: views(database, battle))
    assert view == {"user_id": None, "metadata": {"battle_id": battle.id, "room_id": battle.room_id}}


def test_a_view_from_memory_and_one_that_is_not_modified_are_views_too(api, database, battle):
    path = f"/b/{battle.id}/meta"
    tag = api.client.get(path).headers["ETag"]
    assert [api.client.get(path, headers=headers).status_code for headers in ({}, {"If-None-Match": tag})] == [200, 304]
    eventually(lambda: len(views(database, battle)) == 3)


def test_a_view_does_not_wait_for_its_event(start, database, battle):
    """Ten seconds are those of the lock, which ends after the answers."""
    patient = start(Api, DB_QUERY_TIMEOUT="10s", API_REQUEST_TIMEOUT="10s")
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        for _ in range(3):
            assert patient.client.get(f"/b/{battle.id}/meta").status_code == 200
        assert views(database, battle) == []
        connection.rollback()
    eventually(lambda: len(views(database, battle)) == 3)


def test_where_very_many_events_wait_a_view_waits_a_little_for_its_own(start, database, battle):
    """5,000 wait, and less than the 10,000 that may; the lock outlasts the answers."""
    own = start(Api, API_THREADS=1, DB_QUERY_TIMEOUT="200s", API_REQUEST_TIMEOUT="60s")

    waited = []

    def a_view_waits():
        started = time.monotonic()
        assert own.client.get(f"/b/{battle.id}/meta").status_code == 200
        waited.append(time.monotonic() - started)
        return waited[-1] >= 0.1

    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        seen = view_until(own, battle, a_view_waits, people=4)
        assert waited[-1] < 20  # not the 60 s of the lock
        assert views(database, battle) == []
        connection.rollback()
    eventually(lambda: len(views(database, battle)) == seen + len(waited), within=30)
    assert Page(own.metrics()).value("events_lost_total") == 0


def test_views_are_written_in_batches(start, database, battle):
    """Not one by one: what comes within some milliseconds shares a transaction."""
    api = start(Api, API_THREADS=1)
    with Connection(api.port) as visitor:
        for _ in range(100):
            visitor.send(request("GET", f"/b/{battle.id}/meta"))
            assert visitor.answer().status_code == 200
    eventually(lambda: len(views(database, battle)) == 100)
    assert Page(api.metrics()).value("db_query_duration_seconds_count", query="events/record") < 50


def test_what_waits_at_the_end_is_written(start, database, battle):
    api = start(Api)
    assert api.client.get(f"/b/{battle.id}/meta").status_code == 200
    api.stop()
    assert len(views(database, battle)) == 1


def test_a_view_with_a_token_is_its_users(user, database, battle):
    assert user.get(f"/b/{battle.id}/meta").status_code == 200
    assert [str(view["user_id"]) for view in eventually(lambda: views(database, battle))] == [user.id]


def test_head_shows_nothing_and_is_no_view(user, database, battle):
    assert user.request("HEAD", f"/b/{battle.id}/meta").status_code == 200
    assert user.get(f"/b/{battle.id}/meta").status_code == 200  # which is written after it
    eventually(lambda: views(database, battle))
    assert len(views(database, battle)) == 1


def test_what_is_not_found_is_no_view(api, database):
    before = database.count("events", event_name="public_battle_viewed")
    assert api.client.get("/b/00000000-0000-4000-8000-000000000000/meta").status_code == 404
    assert send(api, "remix_click").status_code == 202  # with which all that waited is written
    assert database.count("events", event_name="public_battle_viewed") == before


def test_fifty_views_at_once_are_all_counted(user, database, battle):
    assert {answer.status_code for answer in in_parallel(50, lambda: user.get(f"/b/{battle.id}/meta"))} == {200}
    eventually(lambda: len(views(database, battle)) == 50)


def test_a_read_is_answered_though_its_event_is_lost(start, database, battle):
    hurried = start(Api, API_THREADS=1, DB_QUERY_TIMEOUT="300ms")
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE events IN SHARE MODE")
        answer = hurried.client.get(f"/b/{battle.id}/meta")
        eventually(lambda: Page(hurried.metrics()).value("events_lost_total") == 1)
        connection.rollback()
    assert (answer.status_code, answer.json()["topic"]) == (200, "Tabs or spaces")
    assert views(database, battle) == []
