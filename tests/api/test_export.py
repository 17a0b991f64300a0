"""What an account has, as its owner may carry it away."""
import itertools
import time

import pytest

from support import tokens
from support.everything import a_busy_person
from support.people import new_room, sign_up
from support.program import JWT_SECRET, Api

KINDS = ["personas", "posts", "replies", "templates", "follows", "notifications", "digests", "weekly_digests", "events",
         "sessions"]
# Tables with a user's rows that an export leaves out, and why.
LEFT_OUT = {"jobs": "the program's own work", "quota_events": "counts of it", "persona_follower_counts": "a count",
            "persona_activity_events": "what posts and replies say, again", "thread_summaries": "made of posts",
            "template_usage": "a count", "administrators": "the operator's", "administrator_changes": "the operator's",
            "account_networks": "how logins are told apart", "battle_remixers": "a count",
            "account_deletions": "nobody who has it can ask", "mail_links": "hashes of what mails have",
            "idempotency_keys": "answers that were given"}
OF_KINDS = {"personas": "personas", "persona_public_profiles": "personas", "posts": "posts", "replies": "replies",
            "templates": "templates", "persona_follows": "follows", "notifications": "notifications",
            "persona_digests": "digests", "weekly_digests": "weekly_digests", "events": "events",
            "sessions": "sessions"}


@pytest.fixture
def database(own_database):
    return own_database


@pytest.fixture
def api(database):
    with Api(database.url) as api:
        yield api


def export(user, **query):
    answer = user.get("/me/export", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="personaworlds-export.json"'
    return answer.json()


def pages(user):
    page = export(user)
    yield page
    while page["next_cursor"]:
        page = export(user, cursor=page["next_cursor"])
        yield page


def test_an_export_has_all_that_is_the_users_and_nothing_of_others(api, database):
    person, stranger, _ = a_busy_person(api, database)
    got = export(person)
    assert list(got) == ["exported_at", "user", *KINDS, "next_cursor"] and got["next_cursor"] == ""
    assert (got["user"]["user_id"], got["user"]["email"]) == (person.id, person.email)
    assert {kind: len(got[kind]) > 0 for kind in KINDS} == dict.fromkeys(KINDS, True)
    assert len(got["posts"]) == database.count("posts", user_id=person.id)
    assert len(got["sessions"]) == 3 and stranger.id not in str(got)
    assert got["personas"][0]["profile"]["slug"] and got["personas"][0]["writing_samples"]
    assert [post["created_at"] for post in got["posts"]] == sorted(post["created_at"] for post in got["posts"])


def test_every_table_with_users_rows_is_exported_or_left_out_for_a_reason(database):
    there = {row["table"] for row in database.rows(
        "SELECT DISTINCT conrelid::regclass::text AS table FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
        "AND confrelid IN ('users'::regclass, 'personas'::regclass, 'posts'::regclass, 'templates'::regclass)")}
    assert there == LEFT_OUT.keys() | OF_KINDS.keys() and set(OF_KINDS.values()) == set(KINDS)


@pytest.mark.parametrize("posts, expected", [(994, 1), (995, 2), (2992, 3), (2993, 4)])
def test_a_large_account_is_exported_in_pages(api, database, posts, expected):
    """Each has the account and 999 rows, none twice and none left out, whatever their times. A full
    page may be the last, which the next one shows. Beside the posts: a persona, its event, a
    session, a post without a time, which the document knows none of: asked without the recorder."""
    user, room = sign_up(api), new_room(database)
    user.persona()
    database.execute("INSERT INTO posts (room_id, user_id, content, created_at) SELECT %s, %s, 'Post ' || n, "
                     "now() - (n / 7) * interval '1 second' FROM generate_series(1, %s) n", room.id, user.id, posts)
    database.execute("INSERT INTO posts (room_id, user_id, content, created_at) VALUES (%s, %s, 'Old', '-infinity')",
                     room.id, user.id)
    api.client.event_hooks = {}
    got = list(pages(user))
    all_posts = [post["id"] for page in got for post in page["posts"]]
    assert len(set(all_posts)) == len(all_posts) == posts + 1
    rows = [sum(len(page[kind]) for kind in KINDS) for page in got]
    assert len(got) == expected and all(count == 999 for count in rows[:-1])
    assert len(list(itertools.chain(*(page["sessions"] for page in got)))) == 1


def test_rows_that_are_numbered_are_in_their_order(api, database):
    user = sign_up(api)
    database.execute("INSERT INTO events (user_id, event_name, created_at) SELECT %s, 'daily_return', '2026-01-01' "
                     "FROM generate_series(1, 2500)", user.id)
    ids = [event["id"] for page in pages(user) for event in page["events"]]
    assert ids == sorted(ids) and len(set(ids)) == 2500


def test_two_exports_a_day_and_going_on_is_none(database, start):
    api = start(Api, RATE_LIMIT_EXPORT="2/24h")
    user = sign_up(api)
    database.execute("INSERT INTO events (user_id, event_name) SELECT %s, 'daily_return' FROM "
                     "generate_series(1, 1500)", user.id)
    for _ in range(2):
        assert len(list(pages(user))) == 2
    answer = user.get("/me/export")
    assert (answer.status_code, answer.json()["error"]) == (429, "export rate limit exceeded")
    assert "Retry-After" in answer.headers
    assert sign_up(api).get("/me/export").status_code == 200


def test_a_cursor_is_good_for_an_hour_and_for_its_user(api, database):
    user, other = sign_up(api), sign_up(api)
    database.execute("INSERT INTO events (user_id, event_name) SELECT %s, 'daily_return' FROM "
                     "generate_series(1, 1500)", user.id)
    cursor = export(user)["next_cursor"]
    assert 0 < tokens.read(cursor)[1]["exp"] - time.time() <= 3600
    for person, text in ((other, cursor), (user, cursor[:-6]), (user, "x"), (user, user.token),
                         (user, tokens.token({"user": user.id, "kind": "0", "exp": int(time.time()) + 60},
                                             key=JWT_SECRET))):
        answer = person.get("/me/export", params={"cursor": text})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid cursor")


def test_who_is_gone_exports_nothing(api, database):
    user = sign_up(api)
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    answer = user.get("/me/export")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")
