"""Preview: two texts to look at, on a quota of its own."""
from collections import Counter

import pytest

from fakes.openai import FakeProvider, answer, hang, status
from support.people import sign_up
from support.program import Api
from support.waiting import eventually, in_parallel

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
QUOTA = "daily preview quota reached"


@pytest.fixture
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def author(start, provider):
    """Somebody whose texts come from the scripted provider."""
    return sign_up(start(Api, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url, OPENAI_API_KEY="sk-planted-key",
                         OPENAI_RETRY_BASE="50ms",
                         API_REQUEST_TIMEOUT="3s"))


def preview(user, persona, room):
    return user.post(f"/personas/{persona.id}/preview", params={"room_id": room.id})


def units_used(database, persona, quota="preview"):
    return database.value("SELECT count(*) FROM quota_events WHERE persona_id = %s AND quota_type = %s "
                          "AND (expires_at IS NULL OR expires_at > now())", persona.id, quota)


def test_a_preview_is_two_different_drafts_that_are_stored_nowhere(user, persona, room, database):
    answer = preview(user, persona, room)
    assert answer.status_code == 200
    assert set(answer.json()) == {"drafts", "quota"}
    first, second = answer.json()["drafts"]
    assert (first["label"], second["label"]) == ("AI Preview 1", "AI Preview 2")
    assert {first["authored_by"], second["authored_by"]} == {"AI"}
    assert first["content"] != second["content"]
    for draft in (first, second):
        assert set(draft) == {"label", "content", "authored_by"}
        assert 0 < len(draft["content"]) <= 500 and persona.name in draft["content"] and room.name in draft["content"]
    assert database.count("posts", room_id=room.id) == 0


def test_a_preview_takes_one_unit_of_its_own_quota(user, room, database):
    persona = user.persona(daily_draft_quota=1)
    assert [preview(user, persona, room).json()["quota"]
            for _ in range(5)] == [{"used": n, "limit": 5} for n in range(1, 6)]
    refused = preview(user, persona, room)
    assert (refused.status_code, refused.json()["error"]) == (429, QUOTA)
    assert units_used(database, persona, "draft") == 0
    assert user.ask_for_draft(persona, room).status_code == 201
    assert preview(user, user.persona(), room).status_code == 200


def test_the_quota_day_is_the_utc_day(user, persona, room, database):
    for _ in range(5):
        preview(user, persona, room)
    database.execute("UPDATE quota_events SET created_at = (date_trunc('day', now() AT TIME ZONE 'UTC') - interval "
                     "'1 second') AT TIME ZONE 'UTC' "
                     "WHERE persona_id = %s", persona.id)
    assert preview(user, persona, room).json()["quota"] == {"used": 1, "limit": 5}


def test_the_limit_is_a_setting(user, persona, room, start):
    strict = user.at(start(Api, DEFAULT_PREVIEW_QUOTA=1))
    assert preview(strict, persona, room).json()["quota"] == {"used": 1, "limit": 1}
    assert preview(strict, persona, room).status_code == 429
    assert preview(user, persona, room).json()["quota"] == {"used": 2, "limit": 5}


def test_the_quota_is_exact_under_parallel_requests(user, persona, room, database):
    answers = database.crowd("personas", persona.id, 50, lambda: preview(user, persona, room))
    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 45}
    assert {answer.json()["error"] for answer in answers if answer.status_code == 429} == {QUOTA}
    assert database.count("quota_events", persona_id=persona.id) == 5


def test_a_preview_is_an_event(user, persona, room, database):
    preview(user, persona, room)
    recorded = database.rows("SELECT metadata FROM events WHERE user_id = %s AND event_name = 'preview_generated'",
                             user.id)
    assert recorded == [{"metadata": {"persona_id": persona.id, "room_id": room.id}}]


@pytest.mark.parametrize("query, error", [
    ("", "room_id is required"), ("?room_id=", "room_id is required"), ("?room=x", "room_id is required"),
    ("?room_id=x", "room_id is invalid"),
    ("?room_id=%zz", "room_id is invalid"), ("?room_id=00000000-0000-0000-0000-000000000000", "room_id is invalid"),
])
def test_the_room_is_named_in_the_query(user, persona, query, error):
    refused = user.post(f"/personas/{persona.id}/preview{query}")
    assert (refused.status_code, refused.json()["error"]) == (400, error)


def test_only_ones_own_persona_previews_in_a_room_that_is(user, other, persona, room, database):
    for persona_id in (other.persona().id, NOBODY):
        refused = user.post(f"/personas/{persona_id}/preview", params={"room_id": room.id})
        assert (refused.status_code, refused.json()["error"]) == (404, "persona not found")
    refused = user.post(f"/personas/{persona.id}/preview", params={"room_id": NOBODY})
    assert (refused.status_code, refused.json()["error"]) == (404, "room not found")
    assert user.post("/personas/x/preview", params={"room_id": room.id}).json()["error"] == "persona id is invalid"
    assert units_used(database, persona) == 0


@pytest.mark.parametrize("failure", ["status_500", "bad_json", "empty", "refused"])
def test_a_failed_generation_is_a_502_and_gives_its_unit_back(user, persona, room, database, start, failure):
    failing = start(Api, MOCK_LLM_FAILURE=failure, MOCK_LLM_FAILURE_RATE="1", DEFAULT_PREVIEW_QUOTA=1)
    failing.expect_errors("http_request")
    for _ in range(5):
        refused = preview(user.at(failing), persona, room)
        assert refused.status_code == 502
        assert refused.json()["error"].startswith("llm preview failed: ")
        assert refused.json()["code"] == "llm_preview_failed"
    assert units_used(database, persona) == 0
    assert database.count("events", user_id=user.id, event_name="preview_generated") == 0
    assert preview(user, persona, room).json()["quota"]["used"] == 1


def test_one_bad_text_of_the_two_is_enough_to_fail(author, provider, room, database):
    author.api.expect_errors("http_request")
    provider.play(answer("Fine. Is it?"), status(400))
    persona = author.persona()
    refused = preview(author, persona, room)
    assert refused.status_code == 502 and refused.json()["error"].startswith("llm preview failed: ")
    assert units_used(database, persona) == 0


def test_only_the_text_that_fails_the_check_is_generated_once_more(author, provider, room):
    provider.play(answer("Fine. Is it?"), answer("Well, fuck that."), answer("A calmer text. Is it?"))
    drafts = preview(author, author.persona(), room).json()["drafts"]
    assert {draft["content"] for draft in drafts} == {"Fine. Is it?", "A calmer text. Is it?"}
    assert len(provider.requests) == 3


def test_the_two_are_written_at_the_same_time(author, provider, room, database):
    """With a provider that never answers, both calls are there before the deadline ends them."""
    author.api.expect_errors("http_request")
    provider.default = hang()
    persona = author.persona()
    refused = preview(author, persona, room)
    assert (refused.status_code, refused.json()["error"]) == (504, "request timed out")
    assert len(provider.requests) == 2
    eventually(lambda: units_used(database, persona) == 0)


def test_the_model_is_told_two_different_things(author, provider, room):
    provider.default = answer("Fine. Is it?")
    preview(author, author.persona(), room)
    first, second = (call.json["messages"] for call in provider.requests)
    assert first != second


def test_parallel_failures_leave_no_unit_behind(user, persona, room, database, start):
    failing = start(Api, MOCK_LLM_FAILURE="status_500", MOCK_LLM_FAILURE_RATE="0.5")
    failing.expect_errors("http_request")
    answers = in_parallel(20, lambda: preview(user.at(failing), persona, room))
    assert {answer.status_code for answer in answers} <= {200, 429, 502}
    assert units_used(database, persona) == sum(answer.status_code == 200 for answer in answers)


def test_a_retry_after_beyond_the_deadline_is_passed_on(author, provider, room, database):
    author.api.expect_errors("http_request")
    provider.play(*[status(429, retry_after="120")] * 2)
    persona = author.persona()
    refused = preview(author, persona, room)
    assert refused.status_code == 503
    assert 118 <= int(refused.headers["Retry-After"]) <= 121
    assert database.count("quota_events", persona_id=persona.id) == 0
