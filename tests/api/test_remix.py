"""Remix: the intent, its token, and the battle that is made with it."""
import datetime
import hashlib
import hmac
import json
import time
from collections import Counter

import pytest

from support import tokens
from support.people import made, new_room
from support.program import JWT_SECRET, Api
from support.waiting import in_parallel

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
BUILT_IN = "Claim/Evidence 6 turns"
INTENT = {"battle_id", "room_id", "room_name", "topic", "pro_style", "con_style", "suggested_templates", "remix_token",
          "remix_token_expires",
          "target_create_route", "target_battle_source"}
KEY = hmac.digest(JWT_SECRET.encode(), b"remix", hashlib.sha256)


def battle(user, room, **body):
    return made(user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?"} | body), 201)


def template_of(user, **changes):
    fields = {"name": "Steelman", "prompt_rules": "State the other side's best case first.", "turn_count": 4,
              "word_limit": 80, "is_public": True}
    return made(user.post("/templates", json=fields | changes), 201)


def intent(somebody, id):
    return made(getattr(somebody, "client", somebody).post(f"/battles/{id}/remix-intent", json={}), 200)


def remix(user, room, token, **body):
    return user.post(f"/rooms/{room.id}/battles", json={"remix_token": token} | body)


def claims_of(token):
    return tokens.read(token)[1]


def signed(claims, key=KEY, alg="HS256"):
    """A token with these claims; `key` is bytes, as the derived one is."""
    text = ".".join(tokens._part(part) for part in ({"alg": alg, "typ": "JWT"}, claims))
    return f"{text}.{tokens._part(hmac.digest(key, text.encode(), hashlib.sha256))}"


def events(database, user, name):
    return [row["metadata"] for row in database.rows(
        "SELECT metadata FROM events WHERE user_id = %s AND event_name = %s ORDER BY id", user.id, name)]


def notifications(database, user):
    return database.rows("SELECT type, actor_user_id::text AS actor, title, body, metadata FROM notifications "
                         "WHERE user_id = %s ORDER BY id", user.id)


def error_of(answer, status=400):
    assert answer.status_code == status, answer.text[:300]
    return answer.json()["error"]


@pytest.fixture
def source(user, room):
    return battle(user, room, pro_style="Loud", con_style="Quiet")


# ---- the intent ----


def test_the_intent_has_all_that_a_remix_needs(api, source, room):
    before = time.time()
    answer = intent(api, source.battle_id)
    assert set(answer) == INTENT
    assert (answer.battle_id, answer.room_id, answer.room_name) == (source.battle_id, room.id, room.name)
    assert (answer.topic, answer.pro_style, answer.con_style) == ("Tabs or spaces?", "Loud", "Quiet")
    assert (answer.target_create_route, answer.target_battle_source) == (f"/rooms/{room.id}/battles", source.battle_id)
    expires = datetime.datetime.fromisoformat(answer.remix_token_expires.replace("Z", "+00:00")).timestamp()
    assert before + 1795 <= expires <= time.time() + 1800
    assert answer.remix_token_expires.endswith("Z")
    assert claims_of(answer.remix_token) == {
        "battle": source.battle_id, "room": room.id, "topic": "Tabs or spaces?", "pro_style": "Loud",
        "con_style": "Quiet",
        "template": source.template["id"], "exp": int(expires)}


def test_a_battle_without_lines_has_styles_of_its_own(api, user, persona, room):
    answer = intent(api, user.publish(persona, room, "Measure first. Then cut.").id)
    assert (answer.topic, answer.pro_style, answer.con_style) == ("Measure first", "Bold, practical, concise",
                                                                  "Skeptical, evidence-first, concise")


def test_what_the_token_carries_can_be_published(api, user, other, room, database):
    content = f"Topic: {'word ' * 60}\nPro style: {'p' * 200}\nCon style:\u2003\n"
    id = str(database.value("INSERT INTO posts (room_id, user_id, authored_by, status, content) "
                            "VALUES (%s, %s, 'HUMAN', 'PUBLISHED', %s) RETURNING id",
                            room.id, user.id, content))
    answer = intent(api, id)
    assert answer.topic == " ".join(["word"] * 36)
    assert (answer.pro_style, answer.con_style) == ("p" * 80, "Skeptical, evidence-first, concise")
    assert made(remix(other, room, answer.remix_token), 201).remix_used


def test_drafts_and_strangers_have_no_intent(api, user, persona, room):
    for id in (user.draft(persona, room).id, NOBODY):
        assert error_of(user.post(f"/battles/{id}/remix-intent", json={}), 404) == "battle not found"
    answer = api.client.post("/battles/x/remix-intent")
    assert error_of(answer) == "battle id is invalid"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"{}", b"not even json"])
def test_a_body_is_ignored(api, source, body):
    assert api.client.post(f"/battles/{source.battle_id}/remix-intent", content=body).status_code == 200


def test_a_large_body_is_refused(api, source):
    assert error_of(api.client.post(f"/battles/{source.battle_id}/remix-intent", content=b"x" * 65_537),
                    413) == "request body too large"


def test_an_intent_is_an_event(api, user, source, room, database):
    intent(user, source.battle_id)
    assert events(database, user, "remix_started") == [{"battle_id": source.battle_id, "room_id": room.id}]
    intent(api, source.battle_id)
    assert database.value("SELECT count(*) FROM events WHERE event_name = 'remix_started' "
                          "AND metadata->>'battle_id' = %s", source.battle_id) == 2


def test_templates_are_suggested_the_battles_own_first(api, user, room):
    own = template_of(user, name="Own")
    newest = [template_of(user, name=f"Newer {n}") for n in range(4)][::-1]
    private = template_of(user, name="Private", is_public=False)
    built_in = next(template
                    for template in api.client.get("/templates").json()["templates"] if template["name"] == BUILT_IN)

    def suggested(template_id):
        return intent(api, battle(user, room, template_id=template_id).battle_id).suggested_templates

    def short(*templates):
        return [{name: template[name] for name in ("id", "name", "turn_count", "word_limit")} for template in templates]

    assert suggested(own.id) == short(own, built_in, *newest[:2])
    assert suggested(newest[0].id) == short(newest[0], built_in, *newest[1:3])
    assert suggested(None) == suggested(private.id) == short(built_in, *newest[:3])


# ---- the cookie ----


def attributes(answer):
    name_value, *rest = answer.headers["set-cookie"].split("; ")
    return name_value, set(rest)


PLAIN = {"Path=/", "HttpOnly", "SameSite=Lax"}


def test_the_intent_sets_a_cookie_and_success_clears_it(api, user, other, source, room):
    answer = api.client.post(f"/battles/{source.battle_id}/remix-intent", json={})
    token = answer.json()["remix_token"]
    assert attributes(answer) == (f"pw_remix_intent={token}", PLAIN | {"Max-Age=1800"})
    assert "set-cookie" not in remix(other, room, token, topic="x").headers
    assert attributes(remix(other, room, token)) == ("pw_remix_intent=", PLAIN | {"Max-Age=0"})


@pytest.mark.parametrize("settings", [{"SECURE_COOKIES": "1"}, {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}])
def test_the_cookie_may_be_for_https_alone(source, start, settings):
    secure = start(Api, **settings)
    answer = secure.client.post(f"/battles/{source.battle_id}/remix-intent", json={})
    assert attributes(answer)[1] == PLAIN | {"Max-Age=1800", "Secure"}


def test_a_cookie_makes_no_remix(api, user, other, source, room):
    """A plain battle made within half an hour after a look at a remix is no remix."""
    cookie = {"Cookie": f"pw_remix_intent={intent(api, source.battle_id).remix_token}"}
    answer = other.post(f"/rooms/{room.id}/battles", json={"topic": "Vim or Emacs?"}, headers=cookie)
    assert made(answer, 201).remix_used is False
    assert "set-cookie" not in answer.headers
    assert error_of(other.post(f"/rooms/{room.id}/battles", json={},
                               headers=cookie)) == "topic must be at least 3 chars"


# ---- the remix ----


def test_a_remix_takes_over_what_the_token_carries(api, user, other, room):
    template = template_of(user)
    source = battle(user, room, pro_style="Loud", con_style="Quiet", template_id=template.id)
    made_again = made(remix(other, room, intent(api, source.battle_id).remix_token), 201)
    assert made_again.remix_used is True
    assert made_again.template == {**template, "usage_count": 1, "mine": False}
    assert made_again.post["content"] == source.post["content"]
    assert made_again.battle_id != source.battle_id


def test_the_requests_own_fields_win(api, other, source, room):
    template = template_of(other, is_public=False)
    token = intent(api, source.battle_id).remix_token
    content = made(remix(other, room, token, topic="Vim or Emacs?", con_style="Slow", template_id=template.id),
                   201).post["content"]
    assert content.split("\n")[:3] == ["Topic: Vim or Emacs?", "Pro style: Loud", "Con style: Slow"]
    content = made(remix(other, room, token, pro_style="Fast"), 201).post["content"]
    assert content.split("\n")[:4] == ["Topic: Tabs or spaces?", f"Template: {BUILT_IN}", "Pro style: Fast",
                                       "Con style: Quiet"]
    assert error_of(remix(other, room, token, topic="x")) == "topic must be at least 3 chars"
    assert error_of(remix(other, room, token, template_id=NOBODY), 404) == "template not found"


@pytest.mark.parametrize("change", ["UPDATE templates SET is_public = false WHERE id = %s",
                                    "DELETE FROM templates WHERE id = %s"])
def test_a_template_that_is_private_or_gone_falls_back(api, user, other, room, database, change):
    template = template_of(user)
    token = intent(api, battle(user, room, template_id=template.id).battle_id).remix_token
    database.execute(change, template.id)
    for who in (user, other):
        assert made(remix(who, room, token), 201).template["name"] == BUILT_IN


def test_the_room_may_be_written_either_way(api, other, source, room):
    answer = other.post(f"/rooms/{room.id.upper()}/battles",
                        json={"remix_token": intent(api, source.battle_id).remix_token})
    assert made(answer, 201).post["room_id"] == room.id


def test_a_token_is_for_one_room(api, other, source, database):
    answer = remix(other, new_room(database), intent(api, source.battle_id).remix_token, topic="Vim or Emacs?")
    assert error_of(answer) == "remix_token does not match room"


def test_bad_tokens_are_refused(api, other, source, room, database):
    good = intent(api, source.battle_id).remix_token
    claims = claims_of(good)
    assert made(remix(other, room, signed(claims)), 201).remix_used
    bad = {
        "no token": "x", "dots": "..", "a session token": other.token,
        "expired": signed(claims | {"exp": int(time.time()) - 1}),
        "without an end": signed({name: value for name, value in claims.items() if name != "exp"}),
        "without a room": signed({name: value for name, value in claims.items() if name != "room"}),
        "the sessions' key": tokens.token(claims),
        "a foreign key": signed(claims, key=b"k" * 32),
        "another algorithm": tokens.token(claims, alg="none"),
        "changed": ".".join([good.split(".")[0], tokens._part(claims | {"topic": "Mine now"}), good.split(".")[2]]),
        "too long": signed(claims | {"topic": "x" * 5000}),
    }
    posts = database.count("posts", room_id=room.id)
    for name, token in bad.items():
        assert error_of(remix(other, room, token, topic="Vim or Emacs?")) == "invalid remix_token", name
    assert database.count("posts", room_id=room.id) == posts


def test_a_remix_token_is_no_session(api, source):
    token = intent(api, source.battle_id).remix_token
    for forged in (token, signed(claims_of(token) | tokens.claims_for(NOBODY))):
        answer = api.client.get("/rooms", headers={"Authorization": f"Bearer {forged}"})
        assert error_of(answer, 401) == "invalid token"


def test_a_token_knows_no_secret_of_its_maker(api, user, source):
    text = json.dumps(claims_of(intent(user, source.battle_id).remix_token))
    assert user.id not in text and user.email not in text


# ---- its consequences ----


def test_a_remix_is_two_events(api, user, other, source, room, database):
    created = made(remix(other, room, intent(api, source.battle_id).remix_token), 201)
    template = created.template["id"]
    assert events(database, other,
                  "battle_created") == [{"battle_id": created.battle_id, "room_id": room.id, "template_id": template}]
    assert events(database, other, "remix_completed") == [
        {"battle_id": created.battle_id, "source_battle_id": source.battle_id, "room_id": room.id,
         "template_id": template}]


def test_whose_battle_was_remixed_hears_of_it(api, user, other, database):
    room = new_room(database, name="A room with quite a name " * 10)
    source = battle(user, room)
    created = made(remix(other, room, intent(api, source.battle_id).remix_token), 201)
    (told,) = notifications(database, user)
    assert (told["type"], told["actor"]) == ("battle_remixed", other.id)
    assert told["metadata"] == {"source_battle_id": source.battle_id, "battle_id": created.battle_id,
                                "room_name": created.room_name[:80], "topic": "Tabs or spaces?"}
    assert "A room with quite a name" in told["title"] and len(told["title"]) <= 120
    assert "A room with quite a name" in told["body"] and len(told["body"]) <= 260
    assert api.log.wait_for("notification_created", type="battle_remixed")["request_id"]


def test_battle_and_template_of_one_owner_are_two_notifications(api, user, other, room, database):
    source = battle(user, room, template_id=template_of(user).id)
    made(remix(other, room, intent(api, source.battle_id).remix_token), 201)
    assert sorted(told["type"] for told in notifications(database, user)) == ["battle_remixed", "template_used"]


def test_a_remix_of_ones_own_is_told_nobody(user, room, database):
    source = battle(user, room, template_id=template_of(user).id)
    assert made(remix(user, room, intent(user, source.battle_id).remix_token), 201).remix_used
    assert notifications(database, user) == []


def test_a_battle_that_is_gone_can_still_be_remixed(api, user, other, source, room, database):
    token = intent(api, source.battle_id).remix_token
    database.execute("DELETE FROM posts WHERE id = %s", source.battle_id)
    created = made(remix(other, room, token), 201)
    assert created.remix_used
    assert notifications(database, user) == []


def test_each_use_of_a_token_is_a_battle_and_twenty_are_told(api, user, other, source, room, database):
    token = intent(api, source.battle_id).remix_token
    persona = other.persona(daily_reply_quota=5)
    answers = database.crowd("personas", persona.id, 50, lambda: made(remix(other, room, token), 201))
    ids = {answer.battle_id for answer in answers}
    assert len(ids) == 50
    told = notifications(database, user)
    told_ids = {each["metadata"]["battle_id"] for each in told}
    assert len(told) == len(told_ids) == 20 and told_ids < ids
    assert {event["battle_id"] for event in events(database, other, "remix_completed")} == ids
    assert database.count("jobs", persona_id=persona.id, job_type="generate_reply") == 5


def test_the_limit_is_exact_under_parallel_remixes(user, other, source, room, database, start):
    limited = start(Api, RATE_LIMIT_BATTLE_CREATE="20/1m")
    token = intent(limited, source.battle_id).remix_token
    answers = in_parallel(50, lambda: remix(other.at(limited), room, token))
    assert Counter(answer.status_code for answer in answers) == {201: 20, 429: 30}
    ids = {answer.json()["battle_id"] for answer in answers if answer.status_code == 201}
    assert sorted(told["metadata"]["battle_id"] for told in notifications(database, user)) == sorted(ids)
    assert sorted(event["battle_id"] for event in events(database, other, "remix_completed")) == sorted(ids)


def test_parallel_intents_are_each_answered(api, source):
    answers = in_parallel(20, lambda: intent(api, source.battle_id))
    assert {answer.battle_id for answer in answers} == {source.battle_id}
