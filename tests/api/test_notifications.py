"""Notifications: listed newest first, counted, read."""
from collections import Counter

import pytest

from support.people import made, sign_up
from support.waiting import at_once, in_parallel

FIELDS = {"id", "type", "title", "body", "metadata", "created_at"}


def notify(database, user, n=1, **columns):
    """n notifications, oldest first; their ids."""
    columns = {"user_id": user.id, "type": "template_used", "title": "Used", "body": "Somebody used it."} | columns
    names, values = ", ".join(columns), ", ".join(["%s"] * len(columns))
    return [database.value(f"INSERT INTO notifications ({names}) VALUES ({values}) RETURNING id", *columns.values())
            for _ in range(n)]


def listed(user, **query):
    answer = user.get("/notifications", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(page):
    return [notification["id"] for notification in page["notifications"]]


def test_without_any_the_list_is_empty(user):
    assert listed(user) == {"notifications": [], "unread_count": 0, "next_cursor": ""}


def test_a_notification_as_it_is_shown(user, other, database):
    (id,) = notify(database, user, actor_user_id=other.id, metadata='{"template_id": "t", "battle_id": "b"}')
    notify(database, user)
    plain, full = listed(user)["notifications"]
    assert set(plain) == FIELDS and set(full) == FIELDS | {"actor_user_id"}
    expected = {"id": id, "actor_user_id": other.id, "type": "template_used", "title": "Used",
                "body": "Somebody used it.",
                "metadata": {"template_id": "t", "battle_id": "b"}}
    assert {name: full[name] for name in expected} == expected
    assert plain["metadata"] == {}


def test_they_are_listed_newest_first_and_only_ones_own(user, other, database):
    notify(database, other)
    made = notify(database, user, 3)
    (older,) = notify(database, user, created_at="2020-01-01T00:00:00Z")
    page = listed(user)
    assert ids(page) == [*made[::-1], older]
    assert page["unread_count"] == 4


def test_those_of_one_moment_are_listed_the_last_first(user, database):
    made = [id for n in range(30) for id in notify(database, user, created_at="2026-01-01T00:00:00Z", title=str(n))]
    # Moves rows about in the table.
    database.execute("UPDATE notifications SET title = title || '!' WHERE id = ANY(%s)", made[::3])
    assert ids(listed(user)) == made[:9:-1]


def test_a_page_has_20_unless_told_otherwise(user, database):
    made = notify(database, user, 101)[::-1]
    assert ids(listed(user)) == made[:20]
    assert ids(listed(user, limit="")) == made[:20]
    for limit in (1, 21, 100):
        assert ids(listed(user, limit=limit)) == made[:limit]
    assert listed(user, limit=1)["unread_count"] == 101


@pytest.mark.parametrize("limit, error", [
    ("x", "limit must be a number"), ("1.5", "limit must be a number"), ("-", "limit must be a number"),
    ("0", "limit must be between 1 and 100"),
    ("-1", "limit must be between 1 and 100"), ("101", "limit must be between 1 and 100"),
    ("9" * 30, "limit must be between 1 and 100"),
])
def test_the_limit_has_bounds(user, limit, error):
    refused = user.get("/notifications", params={"limit": limit})
    assert (refused.status_code, refused.json()["error"]) == (400, error)


def test_pages_join_without_a_gap_or_a_repetition(user, database):
    """Also among those of one moment, and while new ones come."""
    made = [id for n in range(7) for id in notify(database, user, created_at="2026-01-01T00:00:00.123456Z")]
    made += notify(database, user, 3)
    seen, cursor = [], ""
    for page in range(5):
        answer = listed(user, limit=2, cursor=cursor)
        seen += ids(answer)
        cursor = answer["next_cursor"]
        notify(database, user)
        assert bool(cursor) == (page < 4) and answer["unread_count"] == len(made) + page
    assert seen == made[::-1]
    assert listed(user, limit=100)["next_cursor"] == "" and len(ids(listed(user, limit=100))) == 15


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "1-x", "1--1", "1-" + "9" * 19, "9" * 19 + "-1", "1-1.0",
                                    "1767225600000000-7d444840-9dc0-41d1-b245-5ffdce74fad2"])
def test_a_malformed_cursor_is_refused(user, cursor):
    refused = user.get("/notifications", params={"cursor": cursor})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid cursor")


def test_a_cursor_from_before_all_ends_the_list(user, database):
    notify(database, user)
    assert ids(listed(user, cursor="0-0")) == []


def test_reading_one_keeps_its_time(user, database):
    first, second = notify(database, user, 2)
    answer = user.post(f"/notifications/{first}/read")
    assert (answer.status_code, answer.json()) == (200, {"updated": True, "unread_count": 1})
    read_at = listed(user)["notifications"][1]["read_at"]
    assert user.post(f"/notifications/{first}/read").json() == {"updated": True, "unread_count": 1}
    newest, oldest = listed(user)["notifications"]
    assert oldest["read_at"] == read_at and read_at.endswith("Z")
    assert "read_at" not in newest and newest["id"] == second


def test_nobody_reads_the_notification_of_somebody_else(user, other, database):
    (id,) = notify(database, user)
    notify(database, other, 2)
    for unknown in (id, 2**63 - 1):
        assert other.post(f"/notifications/{unknown}/read").json() == {"updated": False, "unread_count": 2}
    assert listed(user)["unread_count"] == 1


@pytest.mark.parametrize("id", ["0", "-1", "x", "1.0", "+1", "%201", str(2**63), "9" * 40,
                                "7d444840-9dc0-41d1-b245-5ffdce74fad2"])
def test_a_malformed_id_is_named(user, id):
    refused = user.post(f"/notifications/{id}/read")
    assert (refused.status_code, refused.json()["error"]) == (400, "notification id is invalid")


def test_an_empty_id_is_required(user):
    refused = user.post("/notifications//read")
    assert (refused.status_code, refused.json()["error"]) == (400, "notification id is required")


def read_some(user, ids):
    return user.post("/notifications/read", json={"ids": ids})


def test_reading_some_leaves_the_others_and_keeps_times(user, database):
    first, second, third = notify(database, user, 3)
    assert read_some(user, [first]).json() == {"updated": 1, "unread_count": 2}
    before = listed(user)["notifications"][2]["read_at"]
    answer = read_some(user, [second, first, second, 2**53 - 1])
    assert (answer.status_code, answer.json()) == (200, {"updated": 1, "unread_count": 1})
    newest, middle, oldest = listed(user)["notifications"]
    assert "read_at" not in newest and newest["id"] == third
    assert oldest["read_at"] == before and "read_at" in middle


def test_a_hundred_are_read_at_once_and_no_more(user, database):
    made = notify(database, user, 101)
    refused = read_some(user, made)
    assert (refused.status_code, refused.json()["error"]) == (400, "ids must contain at most 100 items")
    assert read_some(user, made[:100]).json() == {"updated": 100, "unread_count": 1}


def test_nobody_reads_some_of_somebody_else(user, other, database):
    own, foreign = *notify(database, user), *notify(database, other)
    assert read_some(other, [own, foreign]).json() == {"updated": 1, "unread_count": 0}
    assert listed(user)["unread_count"] == 1


@pytest.mark.parametrize("body, error", [
    ({}, "ids is required"), ({"ids": []}, "ids is required"), ({"ids": None}, "ids is required"),
    ({"ids": 1}, "ids must be a list of integers"), ({"ids": ["1"]}, "ids must be a list of integers"),
    ({"ids": [1, 0]}, "notification id is invalid"), ({"ids": [2**63]}, "notification id is invalid"),
    ({"ids": [1], "all": True}, 'unknown field "all"')])
def test_some_are_named_by_their_ids(user, database, body, error):
    notify(database, user)
    refused = user.post("/notifications/read", json=body)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert listed(user)["unread_count"] == 1


def test_who_reads_the_same_in_other_orders_at_once_never_meets_in_a_deadlock(user, database):
    made = notify(database, user, 50)
    asked = [made, made[::-1]] * 5
    answers = at_once(*[lambda ids=ids: read_some(user, ids) for ids in asked],
                      *[lambda: user.post("/notifications/read-all")] * 2)
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["updated"] for answer in answers) == 50


def test_reading_all_counts_what_was_unread(user, other, database):
    made = notify(database, user, 3)
    notify(database, other)
    user.post(f"/notifications/{made[0]}/read")
    assert user.post("/notifications/read-all").json() == {"updated": 2, "unread_count": 0}
    assert user.post("/notifications/read-all").json() == {"updated": 0, "unread_count": 0}
    assert listed(user)["unread_count"] == 0 and all("read_at" in shown for shown in listed(user)["notifications"])
    assert listed(other)["unread_count"] == 1


def test_parallel_readers_of_all_count_each_once(user, database):
    notify(database, user, 50)
    answers = in_parallel(10, lambda: user.post("/notifications/read-all"))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["updated"] for answer in answers) == 50


def test_each_route_wants_a_signed_in_user(api):
    for method, path in (("GET", "/notifications"), ("POST", "/notifications/1/read"),
                         ("POST", "/notifications/read"), ("POST", "/notifications/read-all")):
        answer = api.client.request(method, path)
        assert (answer.status_code, answer.json()["error"]) == (401, "missing auth header")


def test_an_account_that_is_gone_is_told_so(user, database):
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    answers = [user.get("/notifications"), user.post("/notifications/1/read"), read_some(user, [1]),
               user.post("/notifications/read-all")]
    assert Counter((answer.status_code, answer.json()["error"]) for answer in answers) == {(401, "invalid token"): 4}


# ---- at most 20 a day from one user to another ----


def told(database, user, actor):
    return database.count("notifications", user_id=user.id, actor_user_id=actor.id)


def test_a_stranger_floods_nobody(user, other, room, database):
    """The attack: many battles with somebody's template, remixes of that person's battle."""
    template = made(user.post("/templates", json={"name": "Duel", "prompt_rules": "Be brief.", "turn_count": 4,
                                                  "word_limit": 80, "is_public": True}), 201)
    battles = f"/rooms/{room.id}/battles"
    source = made(user.post(battles, json={"topic": "Tabs or spaces?"}), 201)
    token = made(other.post(f"/battles/{source.battle_id}/remix-intent", json={}), 200).remix_token
    answers = in_parallel(20, lambda: other.post(battles, json={"remix_token": token, "template_id": template.id}))
    assert {answer.status_code for answer in answers} == {201}
    assert told(database, user, other) == 20
    assert listed(user)["unread_count"] == 20
    third = sign_up(user.api)
    made(third.post(battles, json={"remix_token": token, "template_id": template.id}), 201)
    assert told(database, user, third) == 2


def test_follows_are_told_to_the_same_bound(user, other, database):
    for n in range(21):
        persona = user.persona(name=f"P{n}")
        made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"{user.id[:8]}-{n}"}), 200)
        assert made(other.post(f"/p/{user.id[:8]}-{n}/follow"), 200).followed
    assert told(database, user, other) == 20


def test_each_day_and_each_pair_has_a_bound_of_its_own(user, other, database):
    third = sign_up(user.api)
    for actor, created_at in ((other, "now()"), (third, "now()"), (other, "now() - interval '1 day'")):
        database.execute("INSERT INTO notifications (user_id, actor_user_id, type, title, created_at) "
                         f"SELECT %s, %s, 'template_used', 'x', {created_at} FROM generate_series(1, 25)", user.id,
                         actor.id)
    assert (told(database, user, other), told(database, user, third)) == (40, 20)
    notify(database, user, 30)  # of nobody
    assert database.count("notifications", user_id=user.id) == 90


def test_two_who_tell_the_same_people_at_once_never_meet_in_a_deadlock(user, other, room, database):
    """A battle may tell two: they are told in one order."""
    third = sign_up(user.api)
    rules = {"name": "Duel", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": True}
    battles, acts = f"/rooms/{room.id}/battles", []
    for owner, author in ((user, third), (third, user)):
        template = made(owner.post("/templates", json=rules), 201)
        source = made(author.post(battles, json={"topic": "Tabs or spaces?"}), 201)
        token = made(other.post(f"/battles/{source.battle_id}/remix-intent", json={}), 200).remix_token
        acts.append(lambda body={"remix_token": token, "template_id": template.id}: other.post(battles, json=body))
    assert {answer.status_code for answer in at_once(*acts * 20)} == {201}
    assert told(database, user, other) == told(database, third, other) == 20


def test_counts_of_past_days_go(user, other, database):
    database.execute("INSERT INTO notification_counts SELECT utc_day(now()) - n, gen_random_uuid(), "
                     "gen_random_uuid(), 1 FROM generate_series(2, 9) n")
    notify(database, user, 5, actor_user_id=other.id)
    assert database.value("SELECT min(day) >= utc_day(now()) - 1 FROM notification_counts")
