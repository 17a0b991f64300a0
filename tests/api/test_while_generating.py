"""Sections 4 and 5: a draft or a preview whose persona,
room, user or unit goes while the model writes."""
import pytest

from fakes.openai import FakeProvider, answer
from support.people import sign_up
from support.program import Api
from support.waiting import eventually


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def api(database, provider):
    with Api(database.url, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url) as api:
        yield api


ASKING = {
    "draft": lambda user, persona, room: user.ask_for_draft(persona, room),
    "preview": lambda user, persona, room: user.post(f"/personas/{persona.id}/preview", params={"room_id": room.id}),
}
CHANGES = {
    "the user is deleted": ("DELETE FROM users WHERE id = %(user)s", 401, "invalid token"),
    "the room is deleted": ("DELETE FROM rooms WHERE id = %(room)s", 404, "room not found"),
    "the persona is deleted": ("DELETE FROM personas WHERE id = %(persona)s", 404, "persona not found"),
    "the persona becomes somebody else's": ("UPDATE personas SET user_id = %(other)s WHERE id = %(persona)s", 404,
                                            "persona not found"),
    "the unit's time runs out": ("UPDATE quota_events SET expires_at = now() WHERE persona_id = %(persona)s", 429,
                                 "daily {} quota reached"),
}


@pytest.mark.parametrize("kind", ASKING)
@pytest.mark.parametrize("change, status, error", CHANGES.values(), ids=CHANGES.keys())
def test_what_went_while_the_model_wrote_is_noticed(user, persona, room, provider, database, kind, change, status,
                                                    error):
    names = {"user": user.id, "persona": persona.id, "room": room.id, "other": sign_up(user.api).id}

    def write(_):
        with database.connect() as connection:
            connection.execute(change, names)
        return "Fine. Is it?"

    provider.default = answer(write)
    refused = ASKING[kind](user, persona, room)
    assert (refused.status_code, refused.json()["error"]) == (status, error.format(kind))
    assert database.count("posts", content="Fine. Is it?") == 0
    assert database.count("events", event_name="preview_generated") == 0
    eventually(lambda: database.count("quota_events", persona_id=persona.id) == 0)  # given back behind the answer


@pytest.mark.parametrize("kind", ASKING)
def test_a_unit_that_is_used_stays_used(user, persona, room, provider, database, kind):
    """Its time is over with its text stored or shown, not later."""
    provider.default = answer("All is well. Is it?")
    assert ASKING[kind](user, persona, room).status_code in (200, 201)
    units = database.rows("SELECT quota_type, expires_at FROM quota_events WHERE persona_id = %s", persona.id)
    assert units == [{"quota_type": kind, "expires_at": None}]
