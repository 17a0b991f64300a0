"""Drafts that are followed as they are written (web.md, 5.4)."""
import pytest

from fakes.openai import WAIT, FakeProvider, answer, speak
from support.followed import follow_draft
from support.people import sign_up
from support.program import Api
from support.waiting import eventually


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def writing(database, provider):
    """An API whose provider has shown that it says nothing but its text."""
    with Api(database.url, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url, OPENAI_RETRY_BASE="50ms",
             API_REQUEST_TIMEOUT="3s", API_THREADS=1) as api:
        yield api


@pytest.fixture
def author(writing, provider, room):
    author = sign_up(writing)
    provider.default = answer("Warm. Is it?")
    with follow_draft(author, author.persona(), room) as draft:
        draft.done()
    provider.forget()
    return author


def units_used(database, persona):
    return database.value("SELECT count(*) FROM quota_events WHERE persona_id = %s AND quota_type = 'draft' "
                          "AND (expires_at IS NULL OR expires_at > now())", persona.id)


def test_the_words_come_as_they_are_written(author, room, provider, database):
    persona = author.persona(daily_draft_quota=7)
    provider.play(speak("Small ", "steps", WAIT, " win. Do they?"))
    with follow_draft(author, persona, room) as draft:
        eventually(lambda: draft.text == "Small steps")
        assert draft.status == 201
        assert draft.frames.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert draft.events[0].name == "start"
        assert draft.events[0].data == {"persona_id": persona.id, "quota": {"used": 1, "limit": 7}}
        assert database.count("posts", persona_id=persona.id) == 0
        provider.release()
        post = draft.done()
    assert draft.names == ["start", "text", "done"]
    assert draft.text == post["content"] == "Small steps win. Do they?"
    assert author.get(f"/rooms/{room.id}/posts").json()["posts"][0] == post
    assert units_used(database, persona) == 1
