"""No answer tells what isn't for its reader: calibration, e-mail addresses, passwords, drafts."""
import json
import re

import pytest

from support.openapi import route_table
from support.people import Record, new_room, persona_fields, sign_up

SECRETS = {
    "writing_samples": ["zebra-sample-one", "zebra-sample-two", "zebra-sample-three"],
    "do_not_say": ["zebra-never-said"],
    "catchphrases": ["zebra-catchphrase"],
}
FORBIDDEN = re.compile(r"zebra-|\$argon2|password|@example\.org|writing_samples|do_not_say|catchphrases|"
                       r"daily_\w+_quota|lease_token")
OWN_FIELDS = re.compile(r"writing_samples|do_not_say|catchphrases|daily_\w+_quota")
READABLE = [row for row in route_table() if row[0] == "GET"
            and row[1] not in ("/openapi.json", "/metrics", "/b/{id}/card.png")]


@pytest.fixture(scope="module")
def world(api, database):
    """An owner with a published profile, a published post with a reply,
    and a draft whose text gives it away."""
    owner, friend = sign_up(api), sign_up(api)
    room = new_room(database)
    persona = Record(owner.post("/personas", json=persona_fields(name="Open Book", **SECRETS)).json())
    published = owner.publish(persona, room, "Tabs or spaces? Tabs.")
    draft = owner.draft(persona, room)
    database.execute("UPDATE posts SET content = 'zebra-draft of somebody' WHERE id = %s", draft.id)
    # Or each reader waits for one.
    database.execute("INSERT INTO thread_summaries (post_id, version, summary) SELECT id, '', 'Said.' FROM posts")
    slug = owner.post(f"/personas/{persona.id}/publish-profile", json={}).json()["slug"]
    friend.post(f"/p/{slug}/follow")
    return Record(persona=persona.id, room=room.id, post=published.id, draft=draft.id, slug=slug, friend=friend,
                  owner=owner)


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
            own = pattern.startswith(("/personas", "/me")) and answer.status_code == 200
            text = OWN_FIELDS.sub("", answer.text).replace(world.friend.email, "") if own else answer.text
            found = FORBIDDEN.findall(text)
            assert found == [], f"{path}: {answer.text[:2000]}"


@pytest.mark.parametrize("pattern", ["/", "/b/{id}", "/p/{slug}", "/templates"])
def test_no_secret_is_in_a_page(api, world, pattern):
    for path in paths(world, pattern):
        for asker in (api.client, world.friend, world.owner):
            answer = asker.get(path, headers={"Accept": "text/html"})
            assert answer.headers["Content-Type"].startswith("text/html") and len(answer.text) > 20
            text = re.sub(r"<form.*?</form>", "", answer.text, flags=re.DOTALL)  # which asks for a password
            assert FORBIDDEN.findall(text) == [], f"{path}: {answer.text[:2000]}"


WRITES = {
    "/battles/{post}/remix-intent": ({}, 200), "/battles/{draft}/remix-intent": ({}, 404),
    "/p/{slug}/follow": ({}, 200),
    "/rooms/{room}/battles": ({"topic": "Tabs or spaces?"}, 201),
    "/rooms/{room}/posts/draft": ({"persona_id": "{persona}"}, 404),
    "/posts/{draft}/approve": ({}, 403), "/posts/{draft}/generate-replies": ({}, 403),
    "/posts/{post}/generate-replies": ({"persona_ids": ["{persona}"]}, 400),
    "/personas/{persona}/publish-profile": ({}, 404), "/personas/{persona}/preview?room_id={room}": ({}, 404),
    "/auth/login": ({"email": "{email}", "password": "guessed"}, 401),
    "/auth/signup": ({"email": "{email}", "password": "long enough"}, 409),
}


@pytest.mark.parametrize("path", WRITES)
def test_no_secret_is_in_the_answer_to_what_a_stranger_does(world, path):
    body, status = WRITES[path]
    names = {name: world[name] for name in ("persona", "room", "post", "draft", "slug")} | {"email": world.owner.email}
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
        body = json.loads(json.dumps(body).replace(f"{{{name}}}", value))
    answer = world.friend.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert FORBIDDEN.findall(answer.text) == []


@pytest.mark.parametrize("path", ["/b/{post}", "/b/{post}/meta", "/p/{slug}", "/p/{slug}/posts", "/templates",
                                  "/posts/{post}/thread", "/rooms/{room}/posts"])
def test_the_search_had_something_to_search(world, path):
    answer = world.friend.get(path.format(post=world.post, slug=world.slug, room=world.room))
    assert answer.status_code == 200 and len(answer.text) > 20


def test_the_owner_sees_what_others_must_not(world):
    assert FORBIDDEN.search(world.owner.get("/personas").text)
    assert "zebra-draft" in world.owner.get(f"/rooms/{world.room}/posts").text


def test_no_secret_is_logged_or_measured(api, world):
    api.heard()
    assert not re.search(r"zebra-|\$argon2|@example\.org|Bearer |correct horse", str(api.log.lines) + api.metrics())
