"""An API that is told to go: nothing that a client began is lost, and every answer says that its
connection ends."""
import json
import signal
import time

import pytest

from support.exposition import Page
from support.program import Api, Worker
from support.queue import spread_jobs
from support.waiting import eventually
from support.wire import Connection, request

HEALTH = request("GET", "/healthz")


def is_last(answer):
    return answer.headers.get("connection") == "close"


def asked(connection, message=HEALTH):
    assert connection.send(message)
    return connection.answer()


def refuses(api):
    try:
        Connection(api.port).close()
    except ConnectionRefusedError:
        return True
    return False


def test_every_answer_on_the_way_out_is_its_connections_last(start):
    api = start(Api, API_STOP_DELAY="20s")
    with Connection(api.port) as busy, Connection(api.port) as idle:
        assert not is_last(asked(busy)) and not is_last(asked(idle))
        api.interrupt()
        api.log.wait_for("api_stopping")
        eventually(lambda: is_last(asked_anew(api)))  # each thread hears of it in its own time
        assert is_last(asked(busy)) and busy.closed()
        assert is_last(asked(idle)), "it was idle, and stayed"
        with Connection(api.port) as late:
            assert is_last(asked(late, request("POST", "/auth/login", "Content-Type: application/json", body="{}")))
        api.interrupt()
        api.wait_for_end()


def asked_anew(api):
    with Connection(api.port) as connection:
        return asked(connection)


def test_the_port_stays_for_as_long_as_the_setting_says(start):
    api = start(Api, API_STOP_DELAY="1500ms")
    with Connection(api.port) as idle:
        asked(idle)
        began = time.monotonic()
        api.interrupt()
        assert idle.closed(within=15)
        assert time.monotonic() - began > 1.4
        api.wait_for_end()
        assert refuses(api)


def test_what_waits_to_be_accepted_is_answered(start):
    """The kernel resets what waits in a listener that closes. The process stands still while it is
    connected to, and is told to go before it goes on."""
    api = start(Api, API_STOP_DELAY="0s")
    api.interrupt(signal.SIGSTOP)
    waiting = [Connection(api.port) for _ in range(100)]
    for connection in waiting:
        connection.send(HEALTH)
    api.interrupt(signal.SIGTERM)
    api.interrupt(signal.SIGCONT)
    answers = [connection.answer() for connection in waiting]
    assert [answer and answer.status_code for answer in answers] == [200] * 100
    for connection in waiting:
        connection.close()
    api.wait_for_end()


def test_a_request_that_came_before_the_port_closed_is_answered(start):
    """On a connection that was idle until then."""
    api = start(Api, API_STOP_DELAY="0s")
    idle = [Connection(api.port) for _ in range(50)]
    for connection in idle:
        asked(connection)
    api.interrupt(signal.SIGSTOP)
    for connection in idle:
        connection.send(HEALTH)
    api.interrupt(signal.SIGTERM)
    api.interrupt(signal.SIGCONT)
    assert [answer and answer.status_code for answer in (connection.answer() for connection in idle)] == [200] * 50
    for connection in idle:
        connection.close()
    api.wait_for_end()


def test_a_connection_that_was_just_made_has_a_moment_for_its_request(start):
    api = start(Api, API_STOP_DELAY="0s")
    api.interrupt(signal.SIGSTOP)
    fresh = [Connection(api.port) for _ in range(20)]
    api.interrupt(signal.SIGTERM)
    api.interrupt(signal.SIGCONT)
    assert [asked(connection).status_code for connection in fresh] == [200] * 20
    for connection in fresh:
        connection.close()
    api.wait_for_end()


def test_one_that_never_asks_holds_nothing_up(start):
    api = start(Api, API_STOP_DELAY="20s")
    with Connection(api.port) as silent, Connection(api.port) as blank:
        blank.send("\r\n")
        api.interrupt()
        eventually(lambda: is_last(asked_anew(api)))
        began = time.monotonic()
        api.interrupt()
        api.wait_for_end()
        assert time.monotonic() - began < 10 and silent.closed() and blank.closed()


def test_a_workers_answers_on_the_way_out_are_their_connections_last(start, user, database):
    spread_jobs(database, user, 1)
    worker = start(Worker, WORKER_POLL_EVERY="100ms", MOCK_LLM_LATENCY="2s")
    worker.log.wait_for("job_started", job_type="generate_reply")
    with Connection(worker.port) as idle:
        assert not is_last(asked(idle))
        worker.interrupt()
        eventually(lambda: is_last(asked_anew(worker)))
        assert is_last(asked(idle)) and idle.closed()
    worker.wait_for_end()
    assert worker.log.find("job_completed", job_type="generate_reply")


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_terminal_that_goes_ends_a_service_as_sigterm_does(start, kind):
    service = start(kind, MOCK_LLM_LATENCY="500ms")
    service.interrupt(signal.SIGHUP)
    service.wait_for_end()
    assert service.log.find("api_stopping" if kind is Api else "worker_stopping")


def test_what_runs_when_the_terminal_goes_is_finished(start, user, persona, room):
    api = start(Api, MOCK_LLM_LATENCY="2500ms")
    with Connection(api.port) as connection:
        connection.send(request("POST", f"/rooms/{room.id}/posts/draft", f"Authorization: Bearer {user.token}",
                                "Content-Type: application/json", body=json.dumps({"persona_id": persona.id})))
        eventually(lambda: Page(api.metrics()).value("llm_in_flight") == 1)
        api.interrupt(signal.SIGHUP)
        answer = connection.answer()
    assert answer.status_code == 201 and is_last(answer)
    api.wait_for_end()


def test_who_is_started_to_outlive_the_terminal_does(database):
    """As by nohup."""
    api = Api(database.url)
    api.under = ["nohup"]
    with api:
        api.interrupt(signal.SIGHUP)
        assert api.client.get("/healthz").status_code == 200
        assert not api.log.find("api_stopping")
