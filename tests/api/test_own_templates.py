"""Templates of one's own: the list of them, edits, deletion, and what is told of them to whom."""
from collections import Counter

import pytest

from api.test_templates import BUILT_IN, SENTENCES, as_visitors_see, create, error_of, template_fields
from support.battles import summarize
from support.people import Record, made, sign_up
from support.statements import code_of
from support.waiting import at_once, eventually, in_parallel

NOBODY = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
BAD_TOKEN = {"Authorization": "Bearer x.y.z"}


def own(user, query=""):
    return made(user.get(f"/templates?mine=1{query}"), 200)


def change(user, template, **changes):
    return user.put(f"/templates/{template['id']}", json=template_fields(**changes))


def delete(user, template):
    return user.delete(f"/templates/{template['id']}")


def refusal(answer):
    return answer.status_code, answer.json()["error"]


def battle(user, room, template):
    return user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?", "template_id": template["id"]})


@pytest.fixture
def built_in(database):
    return {"id": str(database.value("SELECT id FROM templates WHERE owner_user_id IS NULL AND name = %s", BUILT_IN))}


# ---- the list ----


def test_the_own_list_has_private_ones_too_and_nobody_elses(user, other):
    first, private = made(create(user), 201), made(create(user, is_public=False), 201)
    made(create(other), 201)
    last = made(create(user), 201)
    assert own(user) == {"templates": [last, private, first], "next_cursor": ""}
    assert own(sign_up(user.api)) == {"templates": [], "next_cursor": ""}


@pytest.mark.parametrize("count, pages", [(100, [100]), (101, [100, 1]), (200, [100, 100])])
@pytest.mark.parametrize("mine", ["1", "0"])
def test_lists_have_pages_of_100(user, database, mine, count, pages):
    """Also where many are as old, and older than all others."""
    database.execute("""
        INSERT INTO templates (owner_user_id, name, prompt_rules, turn_count, word_limit, is_public, created_at)
        SELECT %s, 'Twin', 'x', 2, 40, true, '2001-01-01' FROM generate_series(1, %s)""", user.id, count)
    before = "978307200000001-" + NOBODY
    seen, cursor, sizes = [], before, []
    while cursor:
        page = made(user.get(f"/templates?mine={mine}&cursor={cursor}"), 200)
        seen += [template["id"] for template in page.templates]
        cursor = page.next_cursor
        sizes.append(len(page.templates))
    assert sizes == pages
    assert seen == sorted(set(seen), reverse=True) and len(seen) == count
    database.execute("DELETE FROM templates WHERE owner_user_id = %s", user.id)


@pytest.mark.parametrize("query, sentence", [
    ("mine=2", "mine must be 0 or 1"), ("mine=true", "mine must be 0 or 1"), ("mine=%ff", "mine must be 0 or 1"),
    ("mine=1&cursor=x", "invalid cursor"), ("cursor=x", "invalid cursor"),
    (f"mine=1&cursor=9999999999999999999-{NOBODY}", "invalid cursor"),
])
def test_a_query_that_means_nothing_is_refused(user, query, sentence):
    answer = user.get(f"/templates?{query}")
    assert (refusal(answer), answer.headers["Cache-Control"]) == ((400, sentence), "private, no-store")


def test_only_a_user_has_templates_of_his_own(api, user, database):
    for headers, sentence in (({}, "missing auth header"), ({"Authorization": "x"}, "invalid auth header"),
                              (BAD_TOKEN, "invalid token")):
        answer = api.client.get("/templates?mine=1", headers=headers)
        assert refusal(answer) == (401, sentence)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    gone = sign_up(api)
    database.execute("DELETE FROM users WHERE id = %s", gone.id)
    assert refusal(gone.get("/templates?mine=1")) == (401, "invalid token")
    assert gone.get("/templates?mine=").status_code == gone.get("/templates").status_code == 200


def test_only_callers_are_told_what_is_theirs(api, user, other, database):
    template = made(create(user), 201)
    gone = sign_up(api)
    database.execute("DELETE FROM users WHERE id = %s", gone.id)

    def mine(headers):
        listed = made(api.client.get("/templates", headers=headers), 200).templates
        return next(found for found in listed if found["id"] == template.id).get("mine")

    tokens = [{"Authorization": f"Bearer {person.token}"} for person in (user, other, gone)]
    assert [mine(headers) for headers in (*tokens, {}, BAD_TOKEN)] == [True, False, None, None, None]
    assert mine({}) is None  # from memory


def test_the_feed_tells_each_caller_what_is_theirs(api, user, other):
    template = made(create(user), 201)

    def shown(person):
        answer = made(person.get("/feed"), 200)
        mine = {item["template"]["template_id"]: item["template"]["mine"]
                for item in answer["items"] if item["kind"] == "template"}
        return mine[template.id], answer.highlight_template["mine"] in (True, False)

    assert [shown(person) for person in (user, other, user)] == [(True, True), (False, True), (True, True)]


def test_uses_are_counted_as_in_the_feed(user, other, room, database):
    template = made(create(user), 201)
    for person in (user, other, other):
        made(battle(person, room, template), 201)
    database.execute("INSERT INTO template_usage (template_id, day, slot, posts) "
                     "SELECT %s, utc_day(now()) - ago, 99, 10 FROM unnest('{29,30}'::int[]) ago", template.id)
    assert own(user).templates[0]["usage_count"] == 12
    assert made(change(user, template), 200).usage_count == 12
    feed = made(user.get("/feed"), 200)
    assert [item["template"]["usage_count"] for item in feed["items"]
            if item["id"] == f"template:{template.id}"] == [12]


# ---- changes ----


def test_a_change_is_seen_by_everybody_at_once(api, user):
    template = made(create(user), 201)
    assert template.id in api.client.get("/templates").text
    changed = made(change(user, template, name="Önce kanıt", prompt_rules="One claim a turn.", turn_count=20,
                          word_limit=500), 200)
    assert changed == template | {"name": "Önce kanıt", "prompt_rules": "One claim a turn.", "turn_count": 20,
                                  "word_limit": 500}
    assert as_visitors_see(changed) in made(api.client.get("/templates"), 200).templates
    assert own(user).templates == [changed]
    feed = made(user.get("/feed"), 200)
    (shown,) = [item["template"] for item in feed["items"] if item["id"] == f"template:{template.id}"]
    assert (shown["name"], shown["prompt_rules"]) == ("Önce kanıt", "One claim a turn.")
    made(change(user, template, is_public=...), 200)  # private unless said otherwise
    assert template.id not in api.client.get("/templates").text
    assert own(user).templates[0]["is_public"] is False


@pytest.mark.parametrize("changes, sentence", SENTENCES.values(), ids=SENTENCES.keys())
def test_what_is_wrong_changes_nothing(user, changes, sentence):
    template = made(create(user), 201)
    assert error_of(change(user, template, **changes)) == sentence
    assert own(user).templates == [template]


@pytest.mark.parametrize("act", [change, delete])
def test_what_is_not_ones_own_stays(user, other, database, built_in, act):
    foreign = [made(create(other, is_public=public), 201) for public in (True, False)]
    rows = lambda: database.rows("SELECT * FROM templates ORDER BY id")
    before = rows()
    for template in (*foreign, {"id": NOBODY}):
        assert refusal(act(user, template)) == (404, "template not found")
    assert refusal(act(user, built_in)) == (403, "not allowed")
    assert rows() == before


@pytest.mark.parametrize("act", [change, delete])
def test_nobody_changes_a_template(api, user, database, act):
    template = made(create(user), 201)
    gone = sign_up(api)
    database.execute("DELETE FROM users WHERE id = %s", gone.id)
    assert refusal(act(gone, template)) == (401, "invalid token")
    assert own(user).templates == [template]


def test_two_changes_at_once_are_each_whole(user):
    template = made(create(user), 201)
    fields = [{"name": f"Take {n}", "prompt_rules": f"Rule {n}.", "turn_count": n, "word_limit": 40 + n}
              for n in range(2, 18)]
    answers = at_once(*[lambda one=one: change(user, template, **one) for one in fields])
    assert {answer.status_code for answer in answers} == {200}
    (kept,) = own(user).templates
    assert {name: kept[name] for name in fields[0]} in fields


# ---- deletion ----


def test_posts_of_a_deleted_template_live_on_without_it(api, user, other, room, database):
    template = made(create(user), 201)
    battles = [made(battle(person, room, template), 201) for person in (user, other)]
    meta = lambda one: made(api.client.get(f"/b/{one.battle_id}/meta"), 200)
    assert [meta(one).template["id"] for one in battles] == [template.id] * 2
    assert made(delete(user, template), 200) == {"deleted": True}
    for one in battles:
        summarize(database, Record(one.post))  # or its reader waits
        assert "template" not in meta(one)
        assert made(api.client.get(f"/b/{one.battle_id}"), 200).post["content"] == one.post["content"]
        assert made(other.post(f"/battles/{one.battle_id}/remix-intent", json={}), 200).suggested_templates
    assert template.id not in api.client.get("/templates").text + user.get("/templates?mine=1").text
    assert template.id not in user.get("/feed").text
    assert refusal(battle(user, room, template)) == (404, "template not found")
    assert database.count("template_usage", template_id=template.id) == 0


def with_posts(database, template, user, room, count):
    database.execute("INSERT INTO posts (room_id, user_id, status, content, template_id) "
                     "SELECT %s, %s, 'PUBLISHED', 'Topic: Tabs', %s FROM generate_series(1, %s)", room.id, user.id,
                     template["id"], count)


@pytest.mark.parametrize("count", [199, 200, 201, 401])
def test_however_many_posts_began_by_it_they_live_on(user, room, database, count):
    template = made(create(user), 201)
    with_posts(database, template, user, room, count)
    assert made(delete(user, template), 200) == {"deleted": True}
    assert own(user).templates == []
    assert database.row("SELECT count(*) AS posts, count(template_id) AS with_template FROM posts WHERE room_id = %s",
                        room.id) == {"posts": count, "with_template": 0}


def test_a_deletion_goes_step_by_step_and_hides_it_first(user, other, room, database):
    """As it would be found where a client has left: whoever asks again goes on from there."""
    template = made(create(user), 201)
    with_posts(database, template, user, room, 201)
    code = code_of("templates/delete").replace("%", "%%").replace("$1", "%(caller)s").replace("$2", "%(template)s")
    with database.connect() as connection:
        step = connection.execute(code, {"caller": user.id, "template": template.id}).fetchone()
    assert step["is_done"] is False
    assert database.value("SELECT count(template_id) FROM posts WHERE room_id = %s", room.id) == 1
    assert own(user).templates[0]["is_public"] is False
    assert refusal(battle(other, room, template)) == (404, "template not found")
    assert made(delete(user, template), 200) == {"deleted": True}
    assert database.value("SELECT count(template_id) FROM posts WHERE room_id = %s", room.id) == 0


def test_a_remix_of_a_battle_whose_template_is_gone_takes_the_built_in_one(user, other, room, built_in):
    template = made(create(user), 201)
    source = made(battle(user, room, template), 201)
    token = made(other.post(f"/battles/{source.battle_id}/remix-intent", json={}), 200).remix_token
    made(delete(user, template), 200)
    remix = made(other.post(f"/rooms/{room.id}/battles", json={"remix_token": token}), 201)
    assert (remix.template["id"], remix.template["mine"]) == (built_in["id"], False)


def test_of_many_deletions_at_once_one_finds_it(user):
    template = made(create(user), 201)
    answers = in_parallel(8, lambda: delete(user, template))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 404: 7}
    assert refusal(change(user, template)) == (404, "template not found")


@pytest.mark.parametrize("act", [lambda user, room, template: change(user, template), battle])
def test_who_waits_for_a_template_that_is_deleted_finds_none(user, room, database, act):
    template = made(create(user), 201)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("DELETE FROM templates WHERE id = %s", [template.id])

        def let_go():
            eventually(lambda: database.waiting_for_locks())
            holder.commit()

        answer, _ = at_once(lambda: act(user, room, template), let_go)
    assert refusal(answer) == (404, "template not found")
    assert database.count("posts", room_id=room.id) == 0


def test_a_deletion_waits_for_a_battle_that_begins_by_it(user, room, database):
    """As battles/create holds it, until its commit."""
    template = made(create(user), 201)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT id FROM templates WHERE id = %s FOR KEY SHARE", [template.id])
        holder.execute("INSERT INTO posts (room_id, user_id, status, content, template_id) "
                       "VALUES (%s, %s, 'PUBLISHED', 'Topic: Tabs', %s)", [room.id, user.id, template.id])

        def let_go():
            eventually(lambda: database.waiting_for_locks())
            holder.commit()

        answer, _ = at_once(lambda: delete(user, template), let_go)
    assert answer.status_code == 200
    assert database.rows("SELECT template_id FROM posts WHERE room_id = %s", room.id) == [{"template_id": None}]


def test_a_deletion_beside_battles_has_one_outcome_each(user, other, room, database):
    """A battle has the template and loses it, or isn't there; nothing else is answered."""
    for _ in range(5):
        template = made(create(user), 201)
        acts = [lambda: battle(other, room, template)] * 6
        answers = at_once(*acts[:3], lambda: delete(user, template), *acts[3:])
        gone, battles = answers.pop(3), Counter(answer.status_code for answer in answers)
        assert gone.status_code == 200 and set(battles) <= {201, 404}
        assert database.count("posts", room_id=room.id) == battles[201]
        assert database.value("SELECT count(template_id) FROM posts WHERE room_id = %s", room.id) == 0
        database.execute("DELETE FROM posts WHERE room_id = %s", room.id)
