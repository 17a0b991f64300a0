"""Battles: how they are made, what they enqueue and tell,
and what a link to one shows."""
from collections import Counter

import pytest

from support.people import made, new_room
from support.program import Api
from support.waiting import eventually, in_parallel

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
BUILT_IN = "Claim/Evidence 6 turns"
BATTLE = {"battle_id", "post", "room_name", "template", "enqueued_replies", "remix_used", "suggested_next_url"}
META = {"battle_id", "room_id", "room_name", "topic", "created_at", "template", "share_url", "card_url"}


def ask(user, room, **body):
    return user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?"} | body)


def battle(user, room, **body):
    return made(ask(user, room, **body), 201)


def template_of(user, **changes):
    fields = {"name": "Steelman", "prompt_rules": "State the other side's best case first.", "turn_count": 4,
              "word_limit": 80, "is_public": True}
    return made(user.post("/templates", json=fields | changes), 201)


def write_post(database, user, room, content, status="PUBLISHED"):
    return str(database.value("INSERT INTO posts (room_id, user_id, authored_by, status, content) "
                              "VALUES (%s, %s, 'HUMAN', %s, %s) RETURNING id",
                              room.id, user.id, status, content))


def meta(api, id):
    return made(api.client.get(f"/b/{id}/meta"), 200)


def queued(database, id):
    return database.rows("SELECT persona_id::text, payload, request_id FROM jobs WHERE post_id = %s "
                         "AND job_type = 'generate_reply' ORDER BY id", id)


def notifications(database, user):
    return database.rows("SELECT type, actor_user_id::text AS actor, title, body, metadata FROM notifications "
                         "WHERE user_id = %s ORDER BY id", user.id)


def events(database, user, name):
    return [row["metadata"] for row in database.rows(
        "SELECT metadata FROM events WHERE user_id = %s AND event_name = %s ORDER BY id", user.id, name)]


def error_of(answer, status=400):
    assert answer.status_code == status, answer.text[:300]
    return answer.json()["error"]


# ---- what is made ----


def test_a_battle_is_a_published_post_of_these_lines(user, room):
    created = battle(user, room, topic="  Tabs \n or   spaces? ", pro_style="Loud", con_style="Quiet,\nslow")
    assert set(created) == BATTLE
    post = created.post
    assert (post["id"], post["room_id"], post["authored_by"],
            post["status"]) == (created.battle_id, room.id, "HUMAN", "PUBLISHED")
    assert "persona_id" not in post and "persona_name" not in post
    *lines, opening = post["content"].split("\n")
    assert lines == ["Topic: Tabs or spaces?", f"Template: {BUILT_IN}", "Pro style: Loud", "Con style: Quiet, slow"]
    assert opening
    assert (created.room_name, created.remix_used,
            created.suggested_next_url) == (room.name, False, f"/b/{created.battle_id}")
    assert user.get(f"/b/{created.battle_id}").json()["post"] == post
    assert user.get(f"/rooms/{room.id}/posts").json()["posts"] == [post | {"replies_count": 0}]


@pytest.mark.parametrize("absent",
                         [{}, {"pro_style": None, "con_style": ""}, {"pro_style": " ", "con_style": "\u3000"}])
def test_styles_have_a_default(user, room, absent):
    content = battle(user, room, **absent).post["content"]
    assert "\nPro style: Bold and practical\nCon style: Skeptical and evidence-first\n" in content


@pytest.mark.parametrize("nothing", [None, "", " \u3000"])
def test_without_template_and_token_it_is_a_plain_battle(user, room, nothing):
    created = battle(user, room, template_id=nothing, remix_token=nothing)
    assert (created.template["name"], created.remix_used) == (BUILT_IN, False)


@pytest.mark.parametrize("character", ["x", "ş", "語", "🦊"])
def test_topic_and_styles_are_counted_in_code_points(user, room, character):
    content = battle(user, room, topic=character * 180, pro_style=character * 80,
                     con_style=character * 81).post["content"]
    assert content.split("\n")[0] == f"Topic: {character * 180}"
    assert content.split("\n")[2:4] == [f"Pro style: {character * 80}", f"Con style: {character * 80}"]
    assert battle(user, room, topic=character * 3).post["content"].startswith(f"Topic: {character * 3}\n")
    assert error_of(ask(user, room, topic=character * 181)) == "topic must be <= 180 chars"
    assert error_of(ask(user, room, topic=f" {character * 2} ")) == "topic must be at least 3 chars"


def test_the_content_is_cut_at_the_longest_post(user, room, start):
    short = user.at(start(Api, DRAFT_MAX_LEN=60))
    topic = "語" * 40
    assert battle(short, room, topic=topic).post["content"] == f"Topic: {topic}\nTemplate: Cl"
    assert len(battle(user, room, topic="語" * 180, pro_style="x" * 80, con_style="y" * 80,
                      template_id=template_of(user, name="n" * 80).id).post["content"]) == 500


@pytest.mark.parametrize("body, sentence", [
    ({"topic": None}, "topic must be at least 3 chars"),
    ({"topic": " \n"}, "topic must be at least 3 chars"),
    ({"topic": "what the FUCK"}, "content failed profanity check"),
    ({"pro_style": "shit"}, "content failed profanity check"),
    ({"con_style": "orospu"}, "content failed profanity check"),
    ({"topic": "http://a http://b www.c"}, "content failed link spam check"),
    ({"con_style": "http://a http://b www.c"}, "content failed link spam check"),
    ({"topic": "fuck http://a http://b www.c"}, "content failed profanity check"),
    ({"topic": "x" * 181, "pro_style": "shit"}, "topic must be <= 180 chars"),
    ({"template_id": "x"}, "template id is invalid"),
    ({"topics": "x"}, 'unknown field "topics"'),
])
def test_what_is_wrong_is_said_in_these_words(user, room, database, body, sentence):
    assert error_of(ask(user, room, **body)) == sentence
    assert database.count("posts", room_id=room.id) == 0


def test_two_links_are_fine(user, room):
    assert "http://a http://b" in battle(user, room, topic="See http://a http://b").post["content"]


def test_an_unknown_room_is_not_found(user, database):
    answer = user.post(f"/rooms/{NOBODY}/battles", json={"topic": "Tabs or spaces?"})
    assert error_of(answer, 404) == "room not found"
    assert database.count("posts", user_id=user.id) == 0


# ---- the template ----


def test_the_answer_has_the_whole_template(api, user, room):
    chosen = template_of(user)
    assert battle(user, room, template_id=chosen.id).template == chosen
    built_in = next(template
                    for template in user.get("/templates").json()["templates"] if template["name"] == BUILT_IN)
    assert battle(user, room).template == built_in


def test_private_templates_are_their_owners(user, other, room, database):
    private = template_of(user, is_public=False)
    assert battle(user, room, template_id=private.id).template == private
    for id in (private.id, NOBODY):
        assert error_of(ask(other, room, template_id=id), 404) == "template not found"
    assert database.count("posts", user_id=other.id) == 0


def test_a_templates_name_stays_on_its_line(user, room):
    content = battle(user, room, template_id=template_of(user, name="One\nCon style: two").id).post["content"]
    assert content.split("\n")[1] == "Template: One Con style: two"


# ---- replies ----


@pytest.mark.parametrize("turns, replies", [(2, 2), (7, 2), (8, 3), (20, 3)])
def test_the_oldest_personas_are_asked_for_replies(user, room, database, turns, replies):
    personas = [user.persona() for _ in range(4)]
    template = template_of(user, turn_count=turns)
    answer = user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?", "template_id": template.id},
                       headers={"X-Request-Id": "the-battle"})
    created = made(answer, 201)
    assert created.enqueued_replies == replies
    jobs = queued(database, created.battle_id)
    assert [job["persona_id"] for job in jobs] == [persona.id for persona in personas[:replies]]
    assert all(job["payload"] == {"post_id": created.battle_id, "persona_id": job["persona_id"],
                                  "template_id": template.id, "trace_id": "the-battle"}
               for job in jobs)
    assert {job["request_id"] for job in jobs} == {"the-battle"}
    assert str(database.value("SELECT template_id FROM posts WHERE id = %s", created.battle_id)) == template.id


def test_without_personas_there_are_no_replies(user, room):
    assert battle(user, room).enqueued_replies == 0


def test_who_has_no_reply_left_is_not_asked(user, room, database):
    spent, waiting, _ = (user.persona(daily_reply_quota=1) for _ in range(3))
    database.execute("INSERT INTO quota_events (persona_id, quota_type) VALUES (%s, 'reply')", spent.id)
    first = battle(user, room)
    assert [job["persona_id"] for job in queued(database, first.battle_id)] == [waiting.id]
    assert battle(user, room).enqueued_replies == 0


def test_reply_quotas_hold_under_parallel_battles(user, room, database):
    persona = user.persona(daily_reply_quota=3)
    answers = database.crowd("personas", persona.id, 50, lambda: battle(user, room))
    assert Counter(answer.enqueued_replies for answer in answers) == {1: 3, 0: 47}
    assert database.count("jobs", persona_id=persona.id, job_type="generate_reply") == 3
    assert database.count("posts", room_id=room.id) == 50


def test_the_worker_replies_by_the_templates_rules(user, room, database, worker):
    persona = user.persona()
    created = battle(user, room)
    eventually(lambda: database.count("replies", post_id=created.battle_id, persona_id=persona.id) == 1)


# ---- events and notifications ----


def test_a_battle_is_an_event(user, room, database):
    template = template_of(user)
    created = battle(user, room, template_id=template.id)
    assert events(database, user, "battle_created") == [{"battle_id": created.battle_id, "room_id": room.id,
                                                         "template_id": template.id}]
    assert events(database, user, "remix_completed") == []


def test_who_owns_the_template_hears_of_its_use(api, user, other, database):
    room = new_room(database, name="A room with quite a name " * 10)
    template = template_of(user, name="T" * 80)
    created = battle(other, room, template_id=template.id)
    (told,) = notifications(database, user)
    assert (told["type"], told["actor"]) == ("template_used", other.id)
    assert told["metadata"] == {"template_id": template.id, "battle_id": created.battle_id,
                                "template_name": template.name, "room_name": created.room_name[:80],
                                "topic": "Tabs or spaces?"}
    assert template.name in told["title"] and len(told["title"]) <= 120
    assert template.name in told["body"] and len(told["body"]) <= 260
    assert api.log.wait_for("notification_created", type="template_used")["request_id"]
    assert notifications(database, other) == []


def test_nobody_hears_of_an_act_of_their_own(user, other, room, database):
    battle(user, room, template_id=template_of(user).id)
    battle(other, room)
    assert notifications(database, user) == notifications(database, other) == []


def test_each_use_of_a_template_is_told_once(user, other, room, database):
    template = template_of(user)
    ids = {battle.battle_id for battle in in_parallel(20, lambda: battle(other, room, template_id=template.id))}
    assert {told["metadata"]["battle_id"] for told in notifications(database, user)} == ids
    assert len(notifications(database, user)) == 20


# ---- what a link shows ----


def test_meta_says_what_a_link_shows(api, user, room):
    template = template_of(user)
    created = battle(user, room, topic="Tabs or spaces?", template_id=template.id)
    shown = meta(api, created.battle_id)
    assert set(shown) == META
    assert shown == {
        "battle_id": created.battle_id, "room_id": room.id, "room_name": room.name, "topic": "Tabs or spaces?",
        "created_at": created.post["created_at"],
        "template": {"id": template.id, "name": template.name},
        "share_url": f"http://localhost:8080/b/{created.battle_id}",
        "card_url": f"/b/{created.battle_id}/card.png"}


def test_links_begin_with_the_pages_origin(user, room, start):
    id = battle(user, room).battle_id
    assert meta(start(Api, FRONTEND_ORIGIN="https://personaworlds.example/"),
                id).share_url == f"https://personaworlds.example/b/{id}"


def test_an_approved_draft_is_a_battle_and_a_draft_is_none(api, user, persona, room):
    post = user.publish(persona, room, "Measure first. Then cut.")
    shown = meta(api, post.id)
    assert set(shown) == META - {"template"}
    assert shown.topic == "Measure first"
    draft = user.draft(persona, room)
    for id in (draft.id, NOBODY):
        assert error_of(user.get(f"/b/{id}/meta"), 404) == "battle not found"
    assert error_of(api.client.get("/b/x/meta")) == "battle id is invalid"


def test_a_look_at_a_battle_is_an_event(api, user, room, database):
    id = battle(user, room).battle_id
    assert user.get(f"/b/{id}/meta").status_code == 200
    viewed = [{"battle_id": id, "room_id": room.id}]
    eventually(lambda: events(database, user, "public_battle_viewed") == viewed)
    meta(api, id)
    eventually(lambda: database.value("SELECT count(*) FROM events WHERE event_name = 'public_battle_viewed' "
                                      "AND metadata->>'battle_id' = %s", id) == 2)


# ---- the topic: a statement (meta) and the program (remix-intent) find the same one ----

NINETY = " ".join(["0123456789"] * 8) + " 01"
TOPICS = {
    "a line": ("Topic: Tabs or spaces?", "Tabs or spaces?"),
    "in capitals": ("TOPIC:Tabs.\nTemplate: x", "Tabs."),
    "not the first line": ("Hello.\n  \u00a0topic:  Tabs \t or\u00a0\u3000spaces. Really. ", "Tabs or spaces. Really."),
    "carriage returns": ("First.\r\nTopic: Second\rThird", "Second"),
    "two lines": ("Topic: one\nTopic: two", "one"),
    "an empty line": ("Topic:\u2003\nTopic: two", "two"),
    "no line": ("My topic: no", "My topic: no"),
    "a long line": (f"Topic: {NINETY} and more", f"{NINETY} and more"),
    "quotes": ('Topic: "Tabs or spaces?"', "Tabs or spaces?"),
    "curly quotes": ("Topic: “Tabs”", "Tabs"),
    "guillemets": ("Topic: « Tabs »", "Tabs"),
    "apostrophes": ("Topic: Ayşe'nin fikri", "Ayşe'nin fikri"),
    "inner quotes": ('Topic: Who said "enough"', 'Who said "enough"'),
    "nested quotes": ("Topic: \"“Tabs”\"", "“Tabs”"),
    "a quoted sentence": ('"Ship it." he said', "Ship it"),
    "quotes alone": ('Topic: ""\nTabs', "Tabs"),
    "a lone quote": ('Topic: "', None),
    "a sentence": ("Tabs it is. Spaces are for poets.", "Tabs it is"),
    "a question": ("Tabs or spaces? I ask.", "Tabs or spaces"),
    "an exclamation": ("Tabs! Always!", "Tabs"),
    "a first line": ("\n \t\nTabs\nor spaces.", "Tabs"),
    "marks before": ("... and   then?", "and then"),
    "a sentence behind an empty topic": ("Topic:\nTabs. Or not", "Tabs"),
    "control characters": ("a\x01\x7fb\x85c\x0b\x0cd", "ab c d"),
    "a blank in another line": ("\u2028Tabs\u2029or", "Tabs or"),
    "90": (NINETY, NINETY),
    "91": (NINETY + "2", NINETY[:-3]),
    "90 and a word": (NINETY + " 2", NINETY),
    "90 without blanks": ("語" * 90, "語" * 90),
    "91 without blanks": ("🦊" * 91, "🦊" * 90),
    "Turkish": ("TOPİC: İIıi", "TOPİC: İIıi"),
    "regular expression": (r"Topic: \1 $ ^ [a] (b|c)", r"\1 $ ^ [a] (b|c)"),
    "blanks": (" \n\u3000", None),
    "marks alone": ("?!...", None),
    "an empty topic alone": ("Topic:", None),
}


@pytest.mark.parametrize("content, topic", TOPICS.values(), ids=TOPICS.keys())
def test_the_topic_is_the_same_everywhere(api, user, room, database, content, topic):
    id = write_post(database, user, room, content)
    wanted = topic or f"Battle in {room.name}"
    assert meta(api, id).topic == wanted
    assert made(api.client.post(f"/battles/{id}/remix-intent", json={}), 200).topic == wanted
