"""A private template's name and id reach its owner alone."""
import json

import pytest

from support import tokens
from support.people import made, new_room
from support.program import Api
from support.statements import parts_of

NAME = "Zanzibar manoeuvre"
RULES = "Speak of lighthouses."


@pytest.fixture
def database(own_database):
    """The feed shows everybody's posts."""
    return own_database


@pytest.fixture
def api(start):
    return start(Api)


@pytest.fixture
def room(database):
    return new_room(database)


def template_of(user, **changes):
    fields = {"name": NAME, "prompt_rules": RULES, "turn_count": 4, "word_limit": 80, "is_public": False}
    return made(user.post("/templates", json=fields | changes), 201)


def battle_of(user, room, template):
    return made(user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?", "template_id": template.id}),
                201)


def tells(text, template):
    return NAME in text or template.id in text


def test_its_owner_is_told_by_the_answer(user, room):
    template = template_of(user)
    assert battle_of(user, room, template).template == template


def test_nothing_that_others_read_tells_it(api, user, other, room, database):
    template, persona = template_of(user), user.persona()
    battle = battle_of(user, room, template)
    # As a followed persona's, too.
    database.execute("UPDATE posts SET persona_id = %s WHERE id = %s", persona.id, battle.battle_id)
    database.execute("INSERT INTO persona_follows (follower_user_id, followed_persona_id) VALUES (%s, %s)", other.id,
                     persona.id)
    body = {"event_name": "battle_shared", "metadata": {"battle_id": battle.battle_id}}
    assert api.client.post("/events", json=body).status_code == 202
    made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": "zoe"}), 200)
    id = battle.battle_id
    read = [other.get(f"/rooms/{room.id}/posts"), other.get(f"/posts/{id}/thread"), other.get("/feed"),
            other.get("/notifications"), other.get("/digest/weekly"), api.client.get(f"/b/{id}"),
            api.client.get(f"/b/{id}/meta"), api.client.get("/templates"), api.client.get("/p/zoe"),
            api.client.get("/p/zoe/posts"), other.post(f"/battles/{id}/remix-intent", json={}),
            other.post(f"/rooms/{room.id}/battles", json={
                "remix_token": made(other.post(f"/battles/{id}/remix-intent", json={}), 200).remix_token})]
    assert {answer.status_code for answer in read} == {200, 201}
    told = [str(answer.request.url) for answer in read if tells(answer.text, template)]
    assert told == []
    assert read[2].text.count(id) >= 1  # the feed has the battle
    claims = tokens.read(read[10].json()["remix_token"])[1]
    assert not tells(json.dumps(claims), template)
    assert api.client.get(f"/b/{id}/card.png").status_code == 200


@pytest.mark.parametrize("is_public", [True, False])
def test_a_public_one_is_told_as_before(api, user, room, is_public):
    template = template_of(user, is_public=is_public)
    battle = battle_of(user, room, template)
    meta = made(api.client.get(f"/b/{battle.battle_id}/meta"), 200)
    assert meta.get("template") == ({"id": template.id, "name": NAME} if is_public else None)
    lines = battle.post["content"].split("\n")
    assert [line.split(":")[0] for line in lines[:4]][1] == ("Template" if is_public else "Pro style")


def test_its_rules_serve_its_owners_personas_alone(user, other, room, database):
    """What a stranger's persona writes by them could tell them."""
    battle = battle_of(user, room, template_of(user))
    mine, strange = user.persona(name="Mine"), other.persona(name="Strange")
    (_, code), = parts_of("replies/brief")
    code = code.replace("$1", "%s").replace("$2", "%s").replace("$3", "%s")
    rows = database.rows(code, [1, 2], [battle.battle_id] * 2, [mine.id, strange.id])
    told = {row["job"]: NAME in row["body"] and RULES in row["body"] for row in rows}
    assert told == {1: True, 2: False}
    assert {row["status"] for row in rows} == {200}
