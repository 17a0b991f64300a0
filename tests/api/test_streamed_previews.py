"""Previews that are followed as they are written: two texts at once."""
from fakes.openai import CUT, WAIT, answer, speak, status
from support.followed import Followed, calls_counted, follow_preview, is_undone, speaking_as, units_used
from support.people import sign_up
from support.program import Api
from support.streamed import as_if_new, author, provider, writing  # noqa: F401, fixtures
from support.waiting import eventually

FIRST, SECOND = "AI Preview 1", "AI Preview 2"


def nothing_is_left(database, provider, author, persona):
    return (is_undone(database, provider, persona, "preview")
            and database.count("events", user_id=author.id, event_name="preview_generated") == 0)


def test_two_texts_come_with_their_labels(author, room, provider, database):
    persona = author.persona()
    provider.play(*[speak("Some ", WAIT, "words.")] * 2)
    with follow_preview(author, persona, room) as preview:
        eventually(lambda: preview.shown == {FIRST: "Some", SECOND: "Some"})
        assert preview.status == 200
        assert preview.events[0].name == "start"
        assert preview.events[0].data == {"persona_id": persona.id, "quota": {"used": 1, "limit": 5}}
        provider.release()
        body = preview.done()
    assert preview.shown == {draft["label"]: draft["content"] for draft in body["drafts"]}
    assert body["quota"] == {"used": 1, "limit": 5}
    assert database.count("posts", room_id=room.id) == 0
    assert database.count("events", user_id=author.id, event_name="preview_generated") == 1
    assert (units_used(database, persona, "preview"), calls_counted(database, author)) == (1, 2)


def test_the_mocks_texts_flow_side_by_side(user, persona, room):
    with follow_preview(user, persona, room) as preview:
        body = preview.done()
    labels = [event.data["label"] for event in preview.events if event.name == "text"]
    assert set(labels[:6]) == {FIRST, SECOND}
    assert preview.shown == {draft["label"]: draft["content"] for draft in body["drafts"]}


def test_an_id_in_capitals_is_the_same_persona(user, persona, room):
    with Followed(user, f"/personas/{persona.id.upper()}/preview?room_id={room.id}") as preview:
        preview.done()
    assert preview.events[0].data["persona_id"] == persona.id


def test_only_the_text_that_fails_the_check_is_void(author, room, provider):
    provider.default = lambda request: speak("A second version.") if "second version" in request.system else (
        speak("Well, fuck that.") if len(provider.requests) < 3 else speak("A calm one."))
    with follow_preview(author, author.persona(), room) as preview:
        preview.done()
    assert [event.data for event in preview.named("restart")] == [{"label": FIRST, "reason": "check"}]
    assert preview.shown == {FIRST: "A calm one.", SECOND: "A second version."}


def test_one_of_two_that_fails_ends_both(author, room, provider, database):
    author.api.expect_errors("http_request")
    persona = author.persona()
    provider.play(speak("Some words", WAIT), status(400))
    with follow_preview(author, persona, room) as preview:
        code, error = preview.failed()
        assert (code, error.split(":")[0]) == (502, "llm preview failed")
    assert nothing_is_left(database, provider, author, persona)


def test_a_client_that_leaves_cancels_both(author, room, provider, database):
    persona = author.persona()
    provider.play(*[speak("Some words", WAIT)] * 2)
    with follow_preview(author, persona, room) as preview:
        eventually(lambda: preview.shown == {FIRST: "Some words", SECOND: "Some words"})
        assert eventually(lambda: provider.in_flight == 2)
    assert nothing_is_left(database, provider, author, persona)
    assert calls_counted(database, author) == 2


def test_only_the_call_that_spoke_is_counted(author, room, provider, database):
    persona = author.persona()
    provider.play(speak("Some words", WAIT), speak(WAIT))
    with follow_preview(author, persona, room) as preview:
        preview.wait_for("text")
    assert nothing_is_left(database, provider, author, persona)
    assert calls_counted(database, author) == 1


def test_a_text_that_is_cut_off_begins_anew_under_its_label(author, room, provider):
    provider.play(speak("Half a", CUT), speak("Whole."), speak("Anew."))
    with follow_preview(author, author.persona(), room) as preview:
        preview.done()
    (restart,) = preview.named("restart")
    assert restart.data["reason"] == "retry" and preview.shown[restart.data["label"]] == "Anew."


def test_it_begins_when_both_are_asked_for(start, provider, room):
    """Until then both may be refused at once."""
    author = sign_up(start(Api, **speaking_as(provider, LLM_MAX_CONCURRENCY=1)))
    provider.play(speak("One", WAIT, "."), speak("Two", WAIT, "."))
    with follow_preview(author, author.persona(), room) as preview:
        eventually(lambda: provider.spoken)
        author.api.heard()
        assert preview.frames.status is None
        provider.release()
        assert preview.wait_for("text") and preview.events[1].data == {"label": FIRST, "delta": "One."}
        eventually(lambda: len(provider.spoken) == 3)
        provider.release()
        preview.done()


def test_refusals_are_plain_answers(author, other, persona, room, provider):
    for path, expected in (
        (f"/personas/{other.persona().id}/preview?room_id={room.id}", (404, "persona not found")),
        (f"/personas/{persona.id}/preview", (400, "room_id is required")),
    ):
        with Followed(author, path) as preview:
            code, body = preview.answer()
            assert (code, body["error"]) == expected
    assert provider.requests == []
