"""Drafts: written by the model, counted exactly, and checked before they are stored."""
import json
import time
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from fakes.openai import FakeProvider, answer, broken_json, close_early, empty, hang, no_choices, redirect, status
from support.people import sign_up
from support.program import Api
from support.waiting import at_once, eventually, in_parallel, only

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
QUOTA = "daily draft quota reached"


@pytest.fixture
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def author(start, provider):
    """Somebody whose drafts come from the scripted provider."""
    api = start(Api, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url, OPENAI_API_KEY="sk-planted-key",
                OPENAI_RETRY_BASE="50ms",
                API_REQUEST_TIMEOUT="3s")
    return sign_up(api)


def drafts_of(user, room):
    return user.get(f"/rooms/{room.id}/posts").json()["posts"]


def units_used(database, persona):
    return database.value("SELECT count(*) FROM quota_events WHERE persona_id = %s AND quota_type = 'draft' "
                          "AND (expires_at IS NULL OR expires_at > now())", persona.id)


def test_a_draft_is_the_personas_and_waits_for_approval(user, persona, room):
    answer = user.ask_for_draft(persona, room)
    assert answer.status_code == 201
    draft = answer.json()
    expected = {"room_id": room.id, "persona_id": persona.id, "persona_name": persona.name, "authored_by": "AI",
                "status": "DRAFT"}
    assert {name: draft[name] for name in expected} == expected
    assert 0 < len(draft["content"]) <= 500
    assert drafts_of(user, room) == [draft | {"replies_count": 0}]


@pytest.mark.parametrize("language, catchphrase", [("en", "Show me the numbers"), ("tr", "Hadi bakalım")])
def test_the_mock_speaks_the_personas_language_and_is_deterministic(user, room, language, catchphrase):
    persona = user.persona(name="Ayşe 🦊", preferred_language=language, catchphrases=[catchphrase])
    first, second = user.draft(persona, room), user.draft(persona, room)
    assert first.content == second.content
    assert "Ayşe 🦊" in first.content and catchphrase in first.content and room.name in first.content


def test_the_languages_differ(user, room):
    texts = {user.draft(user.persona(preferred_language=language), room).content for language in ("en", "tr")}
    assert len(texts) == 2


def test_only_ones_own_persona_drafts(user, other, room, database):
    for persona_id in (other.persona().id, NOBODY):
        refused = user.post(f"/rooms/{room.id}/posts/draft", json={"persona_id": persona_id})
        assert (refused.status_code, refused.json()["error"]) == (404, "persona not found")
    assert database.count("posts", room_id=room.id) == 0


def test_the_quota_is_exact_under_parallel_requests(user, room, database):
    persona = user.persona(daily_draft_quota=1)
    answers = database.crowd("personas", persona.id, 50, lambda: user.ask_for_draft(persona, room))
    assert Counter(draft.status_code for draft in answers) == {201: 1, 429: 49}
    refused = [draft.json() for draft in answers if draft.status_code == 429]
    assert {body["error"] for body in refused} == {QUOTA}
    again = datetime.fromisoformat(refused[0]["retry_at"])
    assert (again.hour, again.minute, again.second, again.microsecond) == (0, 0, 0, 0)
    assert timedelta(0) < again - datetime.now(timezone.utc) <= timedelta(days=1)
    assert drafts_of(user, room) == [only(answers, 201).json() | {"replies_count": 0}]
    assert database.count("quota_events", persona_id=persona.id) == 1


def test_the_quota_is_exact_across_processes(user, room, start):
    persona = user.persona(daily_draft_quota=3)
    elsewhere = user.at(start(Api))
    answers = in_parallel(20, lambda: user.ask_for_draft(persona, room)) + in_parallel(
        5, lambda: elsewhere.ask_for_draft(persona, room))
    assert Counter(draft.status_code for draft in answers) == {201: 3, 429: 22}


def test_the_quota_is_of_one_persona_and_one_utc_day(user, room, database):
    persona, second = user.persona(daily_draft_quota=1), user.persona(daily_draft_quota=1)
    user.draft(persona, room)
    user.draft(second, room)
    assert user.ask_for_draft(persona, room).status_code == 429
    database.execute("UPDATE quota_events SET created_at = (date_trunc('day', now() AT TIME ZONE 'UTC') - interval "
                     "'1 second') AT TIME ZONE 'UTC' "
                     "WHERE persona_id = %s", persona.id)
    assert user.ask_for_draft(persona, room).status_code == 201
    assert user.ask_for_draft(persona, room).status_code == 429


def test_a_unit_reserved_by_a_process_that_died_comes_back(user, room, database):
    persona = user.persona(daily_draft_quota=1)
    database.execute("INSERT INTO quota_events (persona_id, quota_type, expires_at) "
                     "VALUES (%s, 'draft', now() + interval '1 minute')", persona.id)
    assert user.ask_for_draft(persona, room).status_code == 429
    database.execute("UPDATE quota_events SET expires_at = now() - interval '1 second' WHERE persona_id = %s",
                     persona.id)
    assert user.ask_for_draft(persona, room).status_code == 201


@pytest.mark.parametrize("failure", ["status_500", "status_429", "bad_json", "empty", "refused"])
def test_a_failed_generation_is_a_502_and_gives_its_unit_back(user, room, database, start, failure):
    failing = start(Api, MOCK_LLM_FAILURE=failure, MOCK_LLM_FAILURE_RATE="1")
    failing.expect_errors("http_request")
    persona = user.persona(daily_draft_quota=1)
    for _ in range(10):
        refused = user.at(failing).ask_for_draft(persona, room)
        assert refused.status_code == 502
        assert refused.json()["error"].startswith("llm draft failed: ")
    assert units_used(database, persona) == 0
    assert user.ask_for_draft(persona, room).status_code == 201
    assert len(drafts_of(user, room)) == 1


def test_a_provider_past_the_deadline_is_a_504(author, provider, room, database):
    author.api.expect_errors("http_request")
    provider.default = hang()
    persona = author.persona(daily_draft_quota=1)
    started = time.monotonic()
    refused = author.ask_for_draft(persona, room)
    assert (refused.status_code, refused.json()["error"]) == (504, "request timed out")
    assert time.monotonic() - started < 10  # the deadline is after 3 s; the provider hangs for ever
    provider.default = answer("Back again. Are you?")
    assert author.ask_for_draft(persona, room).status_code == 201
    eventually(lambda: units_used(database, persona) == 1)


def test_a_retry_after_beyond_the_deadline_is_passed_on(author, provider, room, database):
    author.api.expect_errors("http_request")
    provider.play(status(429, retry_after="120"))
    persona = author.persona()
    refused = author.ask_for_draft(persona, room)
    assert refused.status_code == 503, "not a 504 after waiting"
    assert 110 <= int(refused.headers["Retry-After"]) <= 121
    assert len(provider.requests) == 1
    assert units_used(database, persona) == 0


PASSING_TROUBLE = {
    "500": status(500), "503": status(503), "429": status(429, retry_after="1"), "broken JSON": broken_json(),
    "a list": status(200, body=[]),
    "no choices": no_choices(), "empty text": answer(""), "blank text": empty(), "closed": close_early(),
    "closed half-way": close_early(after=60),
}


@pytest.mark.parametrize("first", PASSING_TROUBLE.values(), ids=PASSING_TROUBLE.keys())
def test_a_passing_trouble_is_retried_inside_the_request(author, provider, room, first):
    provider.play(first, answer("It works on the second try. Does it on yours?"))
    assert author.draft(author.persona(), room).content == "It works on the second try. Does it on yours?"
    assert len(provider.requests) == 2


LASTING_TROUBLE = {code: (status(code), 1)
                   for code in (400, 401, 403, 404, 413, 422)} | {500: (status(500), 3), 307: (redirect(), 1)}


@pytest.mark.parametrize("trouble, calls", LASTING_TROUBLE.values(), ids=LASTING_TROUBLE.keys())
def test_lasting_trouble_ends_in_a_502(author, provider, room, trouble, calls):
    author.api.expect_errors("http_request")
    provider.default = trouble
    refused = author.ask_for_draft(author.persona(), room)
    assert refused.status_code == 502
    assert refused.json()["error"].startswith("llm draft failed: ")
    assert len(provider.requests) == calls


@pytest.mark.parametrize("bad", ["Well, fuck that.", "http://a.example https://b.example www.c.example"])
def test_a_text_that_fails_the_check_is_generated_once_more(author, provider, room, bad):
    provider.play(answer(bad), answer("A calmer text. Is it?"))
    assert author.draft(author.persona(), room).content == "A calmer text. Is it?"
    assert len(provider.requests) == 2


def test_a_text_that_fails_the_check_twice_is_a_502(author, provider, room, database):
    author.api.expect_errors("http_request")
    provider.default = answer("Well, fuck that.")
    persona = author.persona()
    refused = author.ask_for_draft(persona, room)
    assert refused.status_code == 502
    assert refused.json()["error"].startswith("llm draft failed: ")
    assert len(provider.requests) == 2
    assert database.count("posts", room_id=room.id) == 0
    assert units_used(database, persona) == 0


def test_a_long_text_is_cut_at_a_sentence_and_never_fails_for_it(author, provider, room):
    provider.play(answer("Bu bir cümle 🦊. " * 100), answer("kelime " * 200), answer("ş" * 3000))
    sentences, words, hard = (author.draft(author.persona(), room).content for _ in range(3))
    assert len(sentences) <= 500 and sentences.endswith("🦊.")
    assert len(words) <= 500 and words.rstrip("…").endswith("kelime")
    assert 490 <= len(hard) <= 500


def test_what_the_provider_is_told(author, provider, room):
    provider.default = answer("Fine. Is it?")
    persona = author.persona(name="Ayşe", bio="Planted bio", catchphrases=["Hadi bakalım"], do_not_say=["sinerji"],
                             preferred_language="tr")
    author.draft(persona, room)
    (call,) = provider.requests
    assert call.path == "/v1/chat/completions"
    assert call.headers["authorization"] == "Bearer sk-planted-key"
    assert call.json["model"] == "gpt-4o-mini"
    said = json.dumps(call.json["messages"], ensure_ascii=False)
    for text in (persona.name, persona.bio, *persona.writing_samples, "Hadi bakalım", "sinerji", room.name, "500",
                 "90"):
        assert text in said, text
    assert {message["role"] for message in call.json["messages"]} == {"system", "user"}


def test_the_key_is_in_no_answer_and_no_log(author, provider, room):
    author.api.expect_errors("http_request")
    provider.default = status(401, body={"error": {"message": "Incorrect API key provided: sk-planted-key"}})
    assert "sk-planted" not in author.ask_for_draft(author.persona(), room).text
    author.api.heard()
    assert "sk-planted" not in json.dumps(author.api.log.lines) + author.api.metrics()


def test_a_waiting_draft_holds_no_database_connection(author, provider, room):
    provider.default = hang()
    author.api.expect_errors("http_request")
    persona = author.persona(daily_draft_quota=100)

    def read_meanwhile():
        eventually(lambda: len(provider.requests) >= 20)
        return [author.get("/rooms", timeout=2).status_code for _ in range(20)]

    *drafts, reads = at_once(*[lambda: author.ask_for_draft(persona, room)] * 40, read_meanwhile)
    assert set(reads) == {200}
    assert {draft.status_code for draft in drafts} == {504}
