"""A draft or a preview has none of do_not_say;
it is generated once more where it does, and a 502 after that."""
import pytest

from fakes.openai import FakeProvider, answer
from support.people import sign_up
from support.phrases import NOT_SAID, SAID
from support.program import Api

SENTENCE = "content says a phrase that the persona never says"
CALM = "A calmer text. Is it?"


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def api(database, provider):
    with Api(database.url, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url) as api:
        yield api


@pytest.fixture(autouse=True)
def calm_provider(provider):
    provider.forget()
    provider.default = answer(CALM)


@pytest.mark.parametrize("phrase, text", SAID.values(), ids=SAID.keys())
def test_a_draft_that_says_it_is_generated_once_more(user, room, provider, phrase, text):
    provider.play(answer(text))
    assert user.draft(user.persona(do_not_say=["never this", phrase]), room).content == CALM
    assert len(provider.requests) == 2


@pytest.mark.parametrize("phrase, text", NOT_SAID.values(), ids=NOT_SAID.keys())
def test_a_draft_that_only_seems_to_say_it_is_fine(user, room, provider, phrase, text):
    provider.play(answer(text))
    assert user.draft(user.persona(do_not_say=["never this", phrase]), room).content == text
    assert len(provider.requests) == 1


def test_a_draft_that_says_it_twice_is_a_502_and_costs_nothing(api, user, room, provider, database):
    api.expect_errors("http_request")
    persona = user.persona(do_not_say=["günün sonunda"])
    provider.default = answer("Günün\nSONUNDA biter. Değil mi?")
    refused = user.ask_for_draft(persona, room)
    assert (refused.status_code, refused.json()["error"]) == (502, f"llm draft failed: {SENTENCE}")
    assert len(provider.requests) == 2
    assert database.count("posts", room_id=room.id) == 0
    assert database.count("quota_events", persona_id=persona.id) == 0


def test_a_preview_that_says_it_twice_is_a_502(api, user, room, provider):
    api.expect_errors("http_request")
    provider.default = answer("It is synergy. Is it?")
    refused = user.post(f"/personas/{user.persona(do_not_say=['synergy']).id}/preview", params={"room_id": room.id})
    assert (refused.status_code, refused.json()["error"]) == (502, f"llm preview failed: {SENTENCE}")


def test_a_draft_isnt_generated_again_without_the_time_for_it(start, provider):
    """The first text took longer than what is left, so a second one would be paid for in vain."""
    api = start(Api, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url, API_REQUEST_TIMEOUT="2s",
                LLM_BREAKER_FAILURES=1)
    api.expect_errors("http_request")
    author = sign_up(api)
    persona, room = author.persona(do_not_say=["synergy"]), author.room("go-backend")
    provider.play(answer("It is synergy. Is it?", delay=0.9))
    refused = author.ask_for_draft(persona, room)
    assert (refused.status_code, refused.json()["error"]) == (502, f"llm draft failed: {SENTENCE}")
    assert len(provider.requests) == 1
    assert author.ask_for_draft(persona, room).status_code == 201  # the breaker is closed
