"""The ways out of a draft that is followed: what is told, and that nothing is left behind."""
import contextlib
import signal
import socket
import struct
import time

import psycopg
import pytest

from fakes.openai import CUT, WAIT, answer, hang, speak, status
from support.exposition import Page
from support.followed import (calls_counted, follow_draft, is_idle, is_undone, request_of, speaking_as, units_used,
                              warm)
from support.program import Api
from support.streamed import as_if_new, author, provider, writing  # noqa: F401, fixtures
from support.waiting import at_once, eventually

BAD = "Well, fuck that."


def test_a_provider_that_fails_is_an_error_with_the_envelope(author, room, provider, database):
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.default = speak("Half a te", CUT)
    with follow_draft(author, persona, room, X_Request_Id="cut-off") as draft:
        assert draft.failed()[0] == 502
        error = draft.events[-1].data
        assert error["error"].startswith("llm draft failed: ")
        assert (error["code"], error["request_id"]) == ("llm_draft_failed", "cut-off")
    assert is_undone(database, provider, persona)
    assert calls_counted(database, author) == 1
    assert author.api.log.wait_for("http_request", request_id="cut-off")["status"] == 502


def test_a_retry_after_beyond_the_deadline_is_passed_on(author, room, provider, database):
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.play(status(429, retry_after="120"))
    with follow_draft(author, persona, room) as draft:
        assert draft.failed()[0] == 503
        assert 118 <= draft.events[-1].data["retry_after"] <= 121
    assert is_undone(database, provider, persona) and calls_counted(database, author) == 0


@pytest.mark.parametrize("steps, calls", [((WAIT,), 0), (("Some wo", WAIT), 1)], ids=["silent", "half-way"])
def test_the_time_of_a_request_is_a_streams(author, room, provider, database, steps, calls):
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.play(speak(*steps))
    began = time.monotonic()
    with follow_draft(author, persona, room) as draft:
        assert draft.failed() == (504, "request timed out")
    assert 0.9 < time.monotonic() - began < 8
    assert is_undone(database, provider, persona)
    assert calls_counted(database, author) == calls


@contextlib.contextmanager
def held(database, persona):
    """The persona's row is locked by somebody."""
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM personas WHERE id = %s FOR UPDATE", [persona.id])
        yield
        holder.rollback()


STAGES = {"before the first word": ((WAIT,), "start", 0), "between words": (("Some ", "words", WAIT), "text", 1)}


@pytest.mark.parametrize("steps, event, calls", STAGES.values(), ids=STAGES.keys())
def test_a_client_that_leaves_undoes_all(author, room, provider, database, steps, event, calls):
    persona = author.persona()
    provider.play(speak(*steps))
    draft = follow_draft(author, persona, room, X_Request_Id=f"leaves-at-{event}")
    draft.wait_for(event)
    assert eventually(lambda: provider.in_flight == 1) and units_used(database, persona) == 1
    draft.close()
    assert is_undone(database, provider, persona)
    assert calls_counted(database, author) == calls
    line = author.api.log.wait_for("http_request", request_id=f"leaves-at-{event}")
    assert (line["status"], line["error"]) == (499, "client left")


def test_a_client_that_leaves_after_a_restart_undoes_all(author, room, provider, database):
    persona = author.persona()
    provider.play(speak(BAD), speak("A calm", WAIT))
    draft = follow_draft(author, persona, room)
    eventually(lambda: draft.text == "A calm")
    draft.close()
    assert is_undone(database, provider, persona) and calls_counted(database, author) == 2


def reset(connection):
    """Its client is gone, and says so to a server that would answer one that only ends its side."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_client_that_is_gone_while_its_unit_is_reserved_leaves_none_behind(author, room, provider, database):
    persona, before = author.persona(), database.value("SELECT nextval('quota_events_id_seq')")
    with held(database, persona):
        connection = socket.create_connection(("127.0.0.1", author.api.port))
        connection.sendall(request_of(author, f"/rooms/{room.id}/posts/draft", {"persona_id": persona.id},
                                      X_Request_Id="early"))
        eventually(lambda: database.waiting_for_locks() == 1)
        reset(connection)
        author.api.log.wait_for("http_request", request_id="early", status=499)
    eventually(lambda: database.value("SELECT last_value FROM quota_events_id_seq") > before and is_idle(database))
    assert is_undone(database, provider, persona)
    assert provider.requests == []


def test_a_client_that_ends_its_side_early_gets_no_stream(author, room, provider, database):
    persona = author.persona()
    provider.default = hang()
    with held(database, persona):
        draft = follow_draft(author, persona, room)
        eventually(lambda: database.waiting_for_locks() == 1)
        draft.close()
    eventually(lambda: provider.requests)
    assert is_undone(database, provider, persona)


def test_a_client_that_leaves_while_its_text_is_stored_has_both_or_none(author, room, provider, database):
    persona = author.persona()
    provider.play(speak("Almost. Is", WAIT, " it?"))
    draft = follow_draft(author, persona, room, X_Request_Id="late")
    eventually(lambda: draft.text == "Almost. Is")
    with held(database, persona):
        provider.release()
        eventually(lambda: database.waiting_for_locks() == 1)
        draft.close()
        author.api.log.wait_for("http_request", request_id="late", status=499)
        eventually(lambda: units_used(database, persona) == 0)
    assert is_undone(database, provider, persona)


def test_a_text_that_isnt_stored_in_time_isnt_stored_later(author, room, provider, database):
    """The statement would have longer; the request hasn't."""
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.play(speak("Almost. Is", WAIT, " it?"))
    began = time.monotonic()
    with follow_draft(author, persona, room) as draft:
        eventually(lambda: draft.text == "Almost. Is" and time.monotonic() - began > 0.7)
        with held(database, persona):
            provider.release()
            assert draft.failed() == (504, "request timed out")
            eventually(lambda: units_used(database, persona) == 0)
        eventually(lambda: is_idle(database))
    assert is_undone(database, provider, persona)


@contextlib.contextmanager
def shut(database):
    """Nobody reaches the database."""
    with psycopg.connect(database.cluster.url(), autocommit=True) as other:
        other.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
        try:
            eventually(lambda: not other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                                 "WHERE datname = %s", [database.name]).fetchall())
            yield
        finally:
            other.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")


@pytest.mark.parametrize("comes_back", [True, False], ids=["for a moment", "for longer than the request"])
def test_a_text_that_was_shown_waits_for_the_database(author, room, provider, database, comes_back):
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.play(speak("Shown. Is", WAIT, " it?"))
    with follow_draft(author, persona, room) as draft:
        eventually(lambda: draft.text == "Shown. Is")
        with shut(database):
            eventually(lambda: author.api.readiness()[0] == 503)
            provider.release()
            eventually(lambda: draft.text == "Shown. Is it?")
            if not comes_back:
                assert draft.failed() == (503, "database is not available")
                assert draft.events[-1].data["retry_after"] == 1
        if comes_back:
            assert draft.done()["content"] == "Shown. Is it?"
    eventually(author.api.is_ready)
    eventually(lambda: units_used(database, persona) == comes_back)
    assert database.count("posts", persona_id=persona.id) == comes_back


CHANGES = {
    "the user": ("DELETE FROM users WHERE id = %(user)s", 401, "invalid token"),
    "the room": ("DELETE FROM rooms WHERE id = %(room)s", 404, "room not found"),
    "the persona": ("DELETE FROM personas WHERE id = %(persona)s", 404, "persona not found"),
    "the unit": ("UPDATE quota_events SET expires_at = now() WHERE persona_id = %(persona)s", 429,
                 "daily draft quota reached"),
}


@pytest.mark.parametrize("change, code, error", CHANGES.values(), ids=CHANGES.keys())
def test_what_goes_while_the_words_come_is_an_error(author, room, provider, database, change, code, error):
    persona = author.persona()
    provider.play(speak("Almost. Is", WAIT, " it?"))
    with follow_draft(author, persona, room) as draft:
        eventually(lambda: draft.text == "Almost. Is")
        with database.connect() as connection:
            connection.execute(change, {"user": author.id, "persona": persona.id, "room": room.id})
        provider.release()
        assert draft.failed() == (code, error)
    assert database.count("posts", content="Almost. Is it?") == 0
    eventually(lambda: units_used(database, persona) == 0)


def test_a_process_that_is_killed_loses_no_unit(start, provider, room, database):
    author = warm(start(Api, **speaking_as(provider, API_REQUEST_TIMEOUT="1s")), provider)
    persona = author.persona()
    provider.play(speak("Some words", WAIT))
    with follow_draft(author, persona, room) as draft:
        eventually(lambda: draft.text == "Some words")
        author.api.kill()
        draft.wait_for_end()
    assert units_used(database, persona) == 1
    eventually(lambda: units_used(database, persona) == 0)
    assert database.count("posts", persona_id=persona.id) == 0


def listens(api):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", api.port)):
        return True
    return False


def test_a_stop_lets_a_draft_come_to_its_end(start, provider, room, database):
    author = warm(start(Api, **speaking_as(provider)), provider)
    persona = author.persona()
    provider.play(speak("Some words", WAIT, "."))
    with follow_draft(author, persona, room) as draft:
        eventually(lambda: draft.text == "Some words")
        author.api.interrupt(signal.SIGTERM)
        author.api.log.wait_for("api_stopping")
        eventually(lambda: not listens(author.api))
        provider.release()
        assert draft.done()["content"] == "Some words."
    author.api.wait_for_end()
    assert units_used(database, persona) == 1


def test_many_at_once_share_no_unit(author, room, provider, database):
    persona = author.persona(daily_draft_quota=1)

    def ask(followed):
        if not followed:
            return author.ask_for_draft(persona, room).status_code
        with follow_draft(author, persona, room) as draft:
            return draft.whole().status if draft.status == 201 else draft.answer()[0]

    codes = at_once(*[lambda: ask(True)] * 5, *[lambda: ask(False)] * 5)
    assert sorted(codes) == [201] + [429] * 9
    assert database.count("posts", persona_id=persona.id) == units_used(database, persona) == 1


def test_errors_in_streams_are_counted_as_what_they_say(author, room, provider):
    author.api.expect_errors("http_request")

    def counted(code):
        return Page(author.api.metrics()).value("http_requests_total", route="/rooms/{id}/posts/draft", method="POST",
                                                status=str(code))

    before = counted(201), counted(502)
    with follow_draft(author, author.persona(), room) as draft:
        draft.done()
    provider.default = status(400)
    with follow_draft(author, author.persona(), room) as draft:
        draft.failed()
    assert eventually(lambda: (counted(201), counted(502)) == (before[0] + 1, before[1] + 1))
