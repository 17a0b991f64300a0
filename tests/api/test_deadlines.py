"""A request never hangs, and a full service says so."""
import select
import time

import pytest

from support.people import persona_fields, sign_up
from support.program import Api
from support.waiting import at_once, eventually, in_parallel
from support.wire import Connection, request


def blocked(database, table):
    """Holds a table, so that every statement on it waits."""
    connection = database.connect()
    connection.autocommit = False
    connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    return connection


@pytest.mark.parametrize("settings", [
    {"API_REQUEST_TIMEOUT": "1s"}, {"DB_QUERY_TIMEOUT": "1s"},
], ids=["the request's own deadline", "the query's"])
def test_a_request_ends_within_its_deadline(database, start, user, settings):
    hurried = start(Api, **settings)
    hurried.expect_errors("http_request", "db_error", "query_failed")
    me = user.at(hurried)
    with blocked(database, "rooms"):
        answer = me.get("/rooms", timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (504, "request timed out")
        assert hurried.client.get("/healthz").status_code == 200
    eventually(lambda: me.get("/rooms").status_code == 200)


@pytest.mark.parametrize("method, path, table", [("GET", "/rooms", "rooms"), ("POST", "/personas", "personas")])
def test_no_statement_outlives_its_request(database, start, user, method, path, table):
    """However long a statement may take otherwise."""
    hurried = start(Api, API_REQUEST_TIMEOUT="1s", DB_QUERY_TIMEOUT="1h")
    hurried.expect_errors("http_request")
    with blocked(database, table):
        answer = user.at(hurried).request(method, path, json=persona_fields() if method == "POST" else None, timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (504, "request timed out")
        eventually(lambda: database.waiting_for_locks() == 0, within=1)


def test_a_write_past_its_deadline_leaves_nothing_running(database, start, user):
    hurried = start(Api, API_REQUEST_TIMEOUT="1s", DB_QUERY_TIMEOUT="1s")
    hurried.expect_errors("http_request", "db_error", "query_failed")
    with blocked(database, "personas"):
        answer = user.at(hurried).post("/personas", json=persona_fields(), timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (504, "request timed out")
        eventually(lambda: database.waiting_for_locks() == 0)
    assert user.get("/personas").json() == {"personas": [], "next_cursor": ""}


def test_writes_that_were_not_sent_by_their_deadline_never_are(database, start, user):
    """Behind one that waits for a lock few others wait at the server;
    what still waits here when its time is up is not done."""
    sent_ahead = 8
    hurried = start(Api, API_REQUEST_TIMEOUT="1s", DB_QUERY_TIMEOUT="1s", API_THREADS=1, DB_POOL_SIZE=2)
    hurried.expect_errors("http_request", "db_error", "query_failed")
    me = user.at(hurried)
    with blocked(database, "personas"):
        answers = in_parallel(40, lambda: me.post("/personas", json=persona_fields(), timeout=10))
    assert {answer.status_code for answer in answers} == {504}
    eventually(lambda: me.post("/personas", json=persona_fields(name="The last one")).status_code == 201)
    assert len(user.get("/personas").json()["personas"]) <= sent_ahead + 1


def moments_of_answers(connections):
    """(connection, when its answer came), as they come."""
    waiting = {connection.socket: connection for connection in connections}
    while waiting:
        readable, _, _ = select.select(list(waiting), [], [], 30)
        assert readable, f"{len(waiting)} without an answer"
        for found in readable:
            yield waiting.pop(found), time.monotonic()


def test_a_full_queue_says_so_at_once(start):
    """Password hashing takes tens of milliseconds, one at a time:
    more than its queue holds is turned away, and other routes don't notice."""
    crowded = start(Api)
    crowded.expect_errors("http_request")
    body = b'{"email":"nobody@example.org","password":"wrong password"}'
    connections = [Connection(crowded.port, within=30) for _ in range(400)]
    try:
        for connection in connections:
            connection.send(request("POST", "/auth/login", body=body))
        assert crowded.client.get("/healthz", timeout=2).status_code == 200
        answered_at = dict(moments_of_answers(connections))
        answers = {connection: connection.answer() for connection in connections}
    finally:
        for connection in connections:
            connection.close()
    assert {answer.status_code for answer in answers.values()} <= {401, 503, 504}
    refused = [connection for connection, answer in answers.items() if answer.status_code == 503]
    served = sorted(answered_at[connection] for connection in connections if connection not in refused)
    assert max(answered_at[connection]
               for connection in refused) < served[len(served) // 2], "who is turned away doesn't wait for the queue"
    for connection in refused:
        assert b'"server is busy"' in answers[connection].body
        assert int(answers[connection].headers["retry-after"]) >= 1
    assert sign_up(crowded)


def test_a_lost_connection_under_a_write_says_that_the_outcome_is_unknown(database, api, user):
    api.expect_errors("http_request", "db_error", "db_lost")

    def cut_the_connection():
        waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        database.execute("SELECT pg_terminate_backend(%s)", eventually(lambda: database.rows(waiting))[0]["pid"])

    with blocked(database, "personas"):
        answer, _ = at_once(lambda: user.post("/personas", json=persona_fields()), cut_the_connection)
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
    assert "Retry-After" not in answer.headers
    eventually(lambda: user.get("/personas").status_code == 200)
