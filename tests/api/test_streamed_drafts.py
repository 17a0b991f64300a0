"""Drafts that are followed as they are written: what the client is shown."""
import socket
import statistics

import pytest

from fakes.openai import CUT, WAIT, answer, hang, speak, status
from support.followed import calls_counted, follow_draft, is_undone, request_of, speaking_as, units_used
from support.people import sign_up
from support.program import Api
from support.streamed import as_if_new, author, provider, writing  # noqa: F401, fixtures
from support.waiting import eventually

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
BAD = "Well, fuck that."


# ---- what is shown ----


def test_the_words_come_as_they_are_written(author, room, provider, database):
    persona = author.persona(daily_draft_quota=7)
    provider.play(speak("Small ", "steps", WAIT, " win 🙂. Do", " they?"))
    with follow_draft(author, persona, room) as draft:
        eventually(lambda: draft.text == "Small steps")
        assert draft.status == 201
        assert draft.frames.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "no-store" in draft.frames.headers["cache-control"]
        assert draft.events[0].name == "start"
        assert draft.events[0].data == {"persona_id": persona.id, "quota": {"used": 1, "limit": 7}}
        assert database.count("posts", persona_id=persona.id) == 0
        provider.release()
        post = draft.done()
    assert draft.names == ["start", "text", "done"]
    assert draft.text == post["content"] == "Small steps win 🙂. Do they?"
    assert author.get(f"/rooms/{room.id}/posts").json()["posts"] == [post | {"replies_count": 0}]
    assert units_used(database, persona) == calls_counted(database, author) == 1


def test_the_mock_speaks_word_by_word(api, user, persona, room):
    with follow_draft(user, persona, room) as draft:
        post = draft.done()
    words = [event for event in draft.events if event.name == "text"]
    assert len(words) == len(post["content"].split(" ")) > 10
    assert words[-1].at - words[0].at > 0.01 * (len(words) - 1)
    assert draft.text == post["content"]


def test_the_mocks_words_are_spread_over_its_latency(start, room):
    user = sign_up(start(Api, MOCK_LLM_LATENCY="600ms"))
    with follow_draft(user, user.persona(), room) as draft:
        draft.done()
    words = [event.at for event in draft.events if event.name == "text"]
    assert words[-1] - words[0] > 0.4


def test_a_models_first_text_waits_for_its_end(start, provider, room):
    """It may be one that reasons without a tag at the beginning."""
    user = sign_up(start(Api, **speaking_as(provider)))
    provider.play(speak("Held back", WAIT, "."), speak("Shown", WAIT, "."))
    for number, pieces in enumerate((["Held back."], ["Shown", "."])):
        with follow_draft(user, user.persona(), room) as draft:
            eventually(lambda: len(provider.spoken) == 2 * number + 1 and draft.text == pieces[0] * number)
            provider.release()
            draft.done()
        assert [event.data["delta"] for event in draft.named("text")] == pieces


def test_first_words_take_no_time(author, room, provider):
    """From the provider's first word to the client's; a slow machine counts against neither."""
    persona, took = author.persona(daily_draft_quota=100), []
    for _ in range(30):
        provider.play(speak("Small", " steps."))
        with follow_draft(author, persona, room) as draft:
            draft.done()
        took.append(draft.named("text")[0].at - provider.spoken[-2][1])
    assert statistics.quantiles(took)[0] <= 0.05, took  # a busy machine makes many of them longer


ACCEPT = {"text/event-stream": True, "application/json;q=0.5, text/event-stream": True,
          "text/event-stream, application/json": True, "": False, "*/*": False, "text/*": False,
          "application/json": False, "application/json, text/event-stream;q=0.9": False,
          "text/event-stream;q=0": False}


@pytest.mark.parametrize("accept, is_stream", ACCEPT.items())
def test_events_are_for_who_prefers_them(author, room, accept, is_stream):
    with follow_draft(author, author.persona(), room, accept=accept) as draft:
        content = draft.done()["content"] if is_stream else draft.answer()[1]["content"]
        assert (draft.status, content) == (201, "Fine. Is it?")


def test_the_connection_serves_on(author, room):
    with socket.create_connection(("127.0.0.1", author.api.port)) as connection:
        connection.sendall(request_of(author, f"/rooms/{room.id}/posts/draft", {"persona_id": author.persona().id}))
        read = connection.makefile("rb")
        assert b"event: done\n" in list(iter(read.readline, b"0\r\n")) and read.readline() == b"\r\n"
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
        assert read.readline() == b"HTTP/1.1 200 OK\r\n"


# ---- what is refused before it begins ----


def test_refusals_are_plain_answers(author, other, room, provider, database):
    persona = author.persona(daily_draft_quota=1)
    nobody, lost = sign_up(author.api), type(room)(room, id=NOBODY)
    nobody.token = "bad"
    theirs, missing = other.persona(), {"persona_id": ""}
    for asked, expected in (
        (follow_draft(nobody, persona, room), (401, "invalid token")),
        (follow_draft(author, theirs, room), (404, "persona not found")),
        (follow_draft(author, persona, lost), (404, "room not found")),
        (follow_draft(author, persona, room, body=missing), (400, "persona_id is required")),
    ):
        with asked as draft:
            code, body = draft.answer()
            assert (code, body["error"]) == expected
    with follow_draft(author, persona, room) as draft:
        draft.done()
    with follow_draft(author, persona, room) as draft:
        code, body = draft.answer()
        assert (code, body["error"]) == (429, "daily draft quota reached")
    assert len(provider.requests) == 1


def test_a_breaker_that_is_open_is_a_plain_503(start, provider, room, database):
    author = sign_up(start(Api, **speaking_as(provider, LLM_BREAKER_FAILURES=1, OPENAI_MAX_RETRIES=0)))
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.default = status(500)
    with follow_draft(author, persona, room) as draft:
        assert draft.failed() == (502, "llm draft failed: provider answered 500")
    with follow_draft(author, persona, room) as draft:
        assert draft.answer()[0] == 503
        assert int(draft.frames.headers["retry-after"]) > 0
    assert is_undone(database, provider, persona)


def test_a_budget_that_is_used_up_is_a_plain_429(start, provider, room, database):
    author = sign_up(start(Api, **speaking_as(provider, LLM_DAILY_TOKENS=1)))
    persona = author.persona()
    with follow_draft(author, persona, room) as draft:
        code, body = draft.answer()
        assert (code, body["error"]) == (429, "daily model budget used up")
        assert int(draft.frames.headers["retry-after"]) > 0
    assert is_undone(database, provider, persona) and calls_counted(database, author) == 0


def test_who_waits_for_the_model_has_no_answer_yet(start, provider, room):
    author = sign_up(start(Api, **speaking_as(provider, LLM_MAX_CONCURRENCY=1)))
    provider.play(hang())
    persona = author.persona()
    with follow_draft(author, persona, room) as first:
        first.wait_for("start")
        with follow_draft(author, persona, room, X_Request_Id="second") as second:
            author.api.heard()
            assert second.frames.status is None and len(provider.requests) == 1
            provider.release()
            first.done(), second.done()


# ---- what comes in between ----


def test_a_text_that_fails_the_check_is_void(author, room, provider, database):
    persona = author.persona()
    provider.play(speak("Well, ", "fuck that."), speak("A calm ", WAIT, "one."))
    with follow_draft(author, persona, room) as draft:
        restart = draft.wait_for("restart")
        assert restart.data == {"reason": "check"}
        eventually(lambda: draft.text == "A calm")
        provider.release()
        assert draft.done()["content"] == draft.text == "A calm one."
    assert draft.names == ["start", "text", "restart", "text", "done"]
    assert len(provider.requests) == calls_counted(database, author) + 1 == 2


def test_a_text_that_fails_the_check_twice_is_an_error(author, room, provider, database):
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.default = speak(BAD)
    with follow_draft(author, persona, room) as draft:
        assert draft.failed() == (502, "llm draft failed: content failed profanity check")
    assert draft.names == ["start", "text", "restart", "text", "error"]
    assert is_undone(database, provider, persona)
    assert calls_counted(database, author) == 2


def test_a_provider_that_is_cut_off_is_asked_again(author, room, provider):
    provider.play(speak("Half a te", CUT), speak("Another text. Is it?"))
    with follow_draft(author, author.persona(), room) as draft:
        assert draft.done()["content"] == draft.text == "Another text. Is it?"
    assert [event.data for event in draft.named("restart")] == [{"reason": "retry"}]


def test_trouble_before_the_first_word_isnt_seen(author, room, provider):
    provider.play(status(500), speak("Fine. Is it?"))
    with follow_draft(author, author.persona(), room) as draft:
        draft.done()
    assert draft.names == ["start", "text", "done"]


def test_a_text_that_is_cut_back_begins_anew(author, room, provider):
    """What was shown is never more than what is stored, but by a `restart`."""
    provider.play(speak("A whole sentence. And half of an", finish="length"))
    with follow_draft(author, author.persona(), room) as draft:
        assert draft.done()["content"] == draft.text == "A whole sentence."
    assert [event.data for event in draft.named("restart")] == [{"reason": "cut"}]
