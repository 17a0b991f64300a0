"""No answer tells what isn't for its reader: calibration, e-mail addresses, passwords, drafts."""
import re

import pytest

from support.openapi import route_table
from support.people import Record, new_room, persona_fields, sign_up

SECRETS = {
    "writing_samples": ["zebra-sample-one", "zebra-sample-two", "zebra-sample-three"],
    "do_not_say": ["zebra-never-said"],
    "catchphrases": ["zebra-catchphrase"],
}
FORBIDDEN = re.compile(r"zebra-|\$argon2|password|@example\.org|writing_samples|do_not_say|catchphrases|daily_\w+_quota|lease_token")
OWN_FIELDS = re.compile(r"writing_samples|do_not_say|catchphrases|daily_\w+_quota")
READABLE = [row for row in route_table() if row[0] == "GET" and row[1] not in ("/openapi.json", "/metrics", "/b/{id}/card.png")]


@pytest.fixture(scope="module")
def world(api, database):
    """An owner with a published profile, a published post with a reply, and a draft whose text gives it away."""
    owner, friend = sign_up(api), sign_up(api)
    room = new_room(database)
    persona = Record(owner.post("/personas", json=persona_fields(name="Open Book", **SECRETS)).json())
    published = owner.publish(persona, room, "Tabs or spaces? Tabs.")
    draft = owner.draft(persona, room)
    database.execute("UPDATE posts SET content = 'zebra-draft of somebody' WHERE id = %s", draft.id)
    slug = owner.post(f"/personas/{persona.id}/publish-profile", json={}).json()["slug"]
    friend.post(f"/p/{slug}/follow")
    return Record(persona=persona.id, room=room.id, post=published.id, draft=draft.id, slug=slug, friend=friend, owner=owner)


def paths(world, pattern):
    """The path with whatever the owner has that fits."""
    if "{slug}" in pattern:
        return [pattern.replace("{slug}", world.slug)]
    if "{id}" in pattern:
        return [pattern.replace("{id}", id) for id in (world.persona, world.room, world.post, world.draft)]
    return [pattern]


@pytest.mark.parametrize("method, pattern", READABLE, ids=" ".join)
def test_no_secret_is_read_by_a_stranger(api, world, method, pattern):
    for path in paths(world, pattern):
        for answer in (api.client.get(path), world.friend.get(path)):
            own = pattern.startswith("/personas") and answer.status_code == 200
            found = FORBIDDEN.findall(OWN_FIELDS.sub("", answer.text) if own else answer.text)
            assert found == [], f"{path}: {answer.text[:2000]}"


@pytest.mark.parametrize("path", ["/b/{post}", "/b/{post}/meta", "/p/{slug}", "/p/{slug}/posts", "/templates", "/posts/{post}/thread", "/rooms/{room}/posts"])
def test_the_search_had_something_to_search(world, path):
    answer = world.friend.get(path.format(post=world.post, slug=world.slug, room=world.room))
    assert answer.status_code == 200 and len(answer.text) > 20


def test_the_owner_sees_what_others_must_not(world):
    assert FORBIDDEN.search(world.owner.get("/personas").text)
    assert "zebra-draft" in world.owner.get(f"/rooms/{world.room}/posts").text


def test_no_secret_is_logged(api, world):
    api.heard()
    assert not re.search(r"zebra-|\$argon2|@example\.org|Bearer |correct horse", str(api.log.lines))
