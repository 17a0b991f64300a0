"""Rooms, posts, approval and the rights on a thread.
Drafts by the model have a file of their own."""
from collections import Counter

import pytest

from support.battles import write_battle
from support.people import new_room
from support.program import CHECKOUT, Api
from support.waiting import in_parallel

ROOM = {"id", "slug", "name", "description", "created_at", "posts_count", "last_post_at"}
POST = {"id", "room_id", "room_name", "persona_id", "persona_name", "authored_by", "status", "topic", "content", "mine",
        "created_at", "updated_at"}
NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


def posts_of(user, room, **query):
    answer = user.get(f"/rooms/{room.id}/posts", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(post, replies=0):
    """The post as a list shows it to its owner."""
    return post | {"replies_count": replies}


def write_posts(database, user, room, n, status="PUBLISHED", at="now()"):
    """n posts straight into the table, all with the same time."""
    database.execute(f"""
        INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at, created_at, updated_at)
        SELECT %s, %s, 'HUMAN', %s::post_status_enum, 'Post ' || n, {at}, {at}, {at} FROM generate_series(1, %s) n""",
                     room.id, user.id, status, n)


def test_the_seeded_rooms_are_listed_by_name(user):
    rooms = user.get("/rooms").json()["rooms"]
    assert {"go-backend", "cybersecurity", "game-dev", "ai-builders"} <= {room["slug"] for room in rooms}
    assert all(set(room) | {"last_post_at"} == ROOM for room in rooms)
    assert all(room["description"] for room in rooms)


def test_rooms_are_listed_by_name(user, database):
    for name in ("Room B", "Room C", "Room A"):
        new_room(database, name)
    names = [room["name"] for room in user.get("/rooms").json()["rooms"]]
    assert names == sorted(names)


def count_in(user, room):
    """As both routes tell it."""
    (listed,) = [listed for listed in user.get("/rooms").json()["rooms"] if listed["id"] == room.id]
    assert listed == user.get(f"/rooms/{room.id}").json()
    return listed["posts_count"]


def test_a_room_counts_what_is_published(user, persona, room, database):
    assert count_in(user, room) == 0 and "last_post_at" not in user.get(f"/rooms/{room.id}").json()
    draft = user.draft(persona, room)
    assert count_in(user, room) == 0
    user.approve(draft)
    battle = write_battle(database, user, room=room.slug)
    assert count_in(user, room) == 2
    newest = posts_of(user, room)["posts"][0]
    assert user.get(f"/rooms/{room.id}").json()["last_post_at"] == newest["created_at"]
    user.request("PUT", f"/posts/{draft.id}", json={"content": "Too late."})
    for post in (draft, battle):
        assert user.request("DELETE", f"/posts/{post.id}").status_code == 200
    assert count_in(user, room) == 0


def test_rows_written_by_hand_are_counted(user, room, database):
    elsewhere = new_room(database, "Elsewhere")
    write_posts(database, user, room, 1001)
    write_posts(database, user, room, 7, status="DRAFT")
    assert count_in(user, room) == 1001
    database.execute("UPDATE posts SET status = 'PUBLISHED' WHERE room_id = %s AND status = 'DRAFT'", room.id)
    assert count_in(user, room) == 1008
    database.execute("UPDATE posts SET room_id = %s WHERE room_id = %s AND content < 'Post 2'", elsewhere.id, room.id)
    assert (moved := count_in(user, elsewhere)) > 100 and count_in(user, room) == 1008 - moved
    database.execute("DELETE FROM posts WHERE room_id = %s", elsewhere.id)
    assert count_in(user, elsewhere) == 0 and count_in(user, room) == 1008 - moved
    database.execute("DELETE FROM rooms WHERE id = ANY(%s)", [elsewhere.id])
    assert database.count("room_post_counts", room_id=elsewhere.id) == 0


def test_a_room_goes_with_its_posts_and_their_count(user, database):
    room = new_room(database, "Gone soon")
    write_posts(database, user, room, 20)
    database.execute("DELETE FROM rooms WHERE id = %s", room.id)
    assert database.count("room_post_counts", room_id=room.id) == 0


def test_posts_from_before_the_count_are_counted_once(user, room, database):
    """As the migration does it, which may be cut off and run again."""
    write_posts(database, user, room, 30)
    database.execute("DELETE FROM room_post_counts WHERE room_id = %s AND part < 4", room.id)
    fill = (CHECKOUT / "backend/migrations/050_room_posts_before.sql").read_text()
    database.execute("DELETE FROM room_post_counts WHERE part = 8")
    for _ in range(2):
        database.execute(fill)
        assert count_in(user, room) == 30


def test_all_who_publish_at_once_are_counted(user, room, database):
    posts = [write_battle(database, user, room=room.slug) for _ in range(10)]
    answers = in_parallel(20, lambda: write_battle(database, user, room=room.slug))
    assert len(answers) == 20 and count_in(user, room) == 30
    gone = in_parallel(10, lambda: user.request("DELETE", f"/posts/{posts.pop().id}"))
    assert {answer.status_code for answer in gone} == {200} and count_in(user, room) == 20


def test_an_empty_room_has_an_empty_list(user, room):
    assert posts_of(user, room) == {"posts": [], "next_cursor": ""}


def test_a_room_shows_what_is_published_and_ones_own_drafts(user, other, persona, room):
    published = user.publish(persona, room)
    draft = user.draft(persona, room)
    foreign_draft = other.draft(other.persona(), room)
    foreign = other.publish(other.persona(), room)
    assert [post["id"] for post in posts_of(user, room)["posts"]] == [foreign.id, draft.id, published.id]
    assert {post["id"] for post in posts_of(other, room)["posts"]} == {foreign.id, foreign_draft.id, published.id}
    assert posts_of(user, room)["posts"][1] == listed(draft)


def test_a_post_has_these_fields(user, persona, room):
    post = user.publish(persona, room)
    assert set(post) == POST
    assert posts_of(user, room)["posts"] == [listed(post)]


def walk(user, room, **query):
    """The ids of each page."""
    pages, cursor = [], None
    while cursor != "":
        page = posts_of(user, room, **query, **({"cursor": cursor} if cursor else {}))
        pages.append([post["id"] for post in page["posts"]])
        cursor = page["next_cursor"]
    return pages


@pytest.mark.parametrize("limit, sizes",
                         [(None, [100, 100, 50]), (100, [100, 100, 50]), (50, [50] * 5), (99, [99, 99, 52])])
def test_pages_have_no_gaps_and_no_repeats_even_among_equal_times(user, database, room, limit, sizes):
    write_posts(database, user, room, 125, at="now() - interval '1 hour'")
    write_posts(database, user, room, 125)
    pages = walk(user, room, **({"limit": limit} if limit else {}))
    assert [len(page) for page in pages] == sizes
    ids = [id for page in pages for id in page]
    assert len(set(ids)) == 250
    expected = {str(row["id"]) for row in database.rows(
        "SELECT id FROM posts WHERE room_id = %s ORDER BY created_at DESC LIMIT 125", room.id)}
    assert set(ids[:125]) == expected


def test_ones_own_drafts_are_paged_among_what_is_published_even_at_one_moment(user, other, database, room):
    at = "'2026-01-01T00:00:00.123457Z'::timestamptz"
    write_posts(database, other, room, 3, status="DRAFT", at=at)
    for moment in (at, at + " + interval '1 microsecond'"):
        write_posts(database, user, room, 3, status="DRAFT", at=moment)
        write_posts(database, other, room, 4, at=moment)
    pages = walk(user, room, limit=1)
    assert [len(page) for page in pages] == [1] * 14
    shown = ("SELECT id FROM posts WHERE room_id = %s AND (user_id = %s OR status = 'PUBLISHED') "
             "ORDER BY created_at DESC, id DESC")
    assert [page[0] for page in pages] == [str(row["id"]) for row in database.rows(shown, room.id, user.id)]


def test_a_post_that_comes_while_one_reads_moves_no_page(user, database, room):
    write_posts(database, user, room, 30, at="now() - interval '1 hour'")
    first = posts_of(user, room, limit=10)
    write_posts(database, user, room, 5)
    second = posts_of(user, room, limit=10, cursor=first["next_cursor"])
    third = posts_of(user, room, limit=10, cursor=second["next_cursor"])
    ids = [post["id"] for page in (first, second, third) for post in page["posts"]]
    assert len(ids) == len(set(ids)) == 30
    assert third["next_cursor"] == ""


@pytest.mark.parametrize("query", [
    "limit=0", "limit=101", "limit=-1", "limit=x", "limit=1.5", "limit=99999999999999999999", "limit=1e1", "limit=%00",
    "cursor=x", "cursor=%FF",
    "cursor=" + "A" * 500, "cursor='", "cursor=2026-01-01", "cursor=bm9wZQ",
])
def test_a_limit_or_cursor_that_makes_no_sense_is_refused(user, room, query):
    answer = user.get(f"/rooms/{room.id}/posts?{query}")
    assert answer.status_code == 400, answer.text
    assert query.split("=")[0] in answer.json()["error"]


def test_an_unknown_room_is_not_found_in_every_route_under_it(user, persona):
    for answer in (user.get(f"/rooms/{NOBODY}/posts"),
                   user.post(f"/rooms/{NOBODY}/posts/draft", json={"persona_id": persona.id})):
        assert (answer.status_code, answer.json()["error"]) == (404, "room not found")


def test_approving_publishes_the_draft_as_it_is(user, persona, room, database):
    draft = user.draft(persona, room)
    post = user.approve(draft)
    assert (post.authored_by, post.status, post.content) == ("AI_DRAFT_APPROVED", "PUBLISHED", draft.content)
    same = POST - {"authored_by", "status", "updated_at"}
    assert {name: post[name] for name in same} == {name: draft[name] for name in same}
    assert database.value("SELECT published_at IS NOT NULL FROM posts WHERE id = %s", post.id)


@pytest.mark.parametrize("content", [None, "", ...])
def test_no_content_means_unedited(user, persona, room, content):
    draft = user.draft(persona, room)
    body = {} if content is ... else {"json": {"content": content}}
    assert user.post(f"/posts/{draft.id}/approve", **body).json()["content"] == draft.content


def test_approving_may_edit(user, persona, room):
    edited = user.approve(user.draft(persona, room), "  Düzenledim: önce ölç, sonra kes 🪚.\n\nİkinci satır. ")
    assert edited.content == "Düzenledim: önce ölç, sonra kes 🪚.\n\nİkinci satır."


def test_approving_leaves_an_event_and_activities(user, persona, room, database):
    post = user.publish(persona, room, "İki\n satır: " + "🦊" * 300)
    assert database.rows("SELECT metadata FROM events WHERE event_name = 'post_approved' AND user_id = %s",
                         user.id) == [
                             {"metadata": {"post_id": post.id, "room_id": room.id, "persona_id": persona.id}}]
    activities = database.rows("SELECT type, metadata FROM persona_activity_events WHERE persona_id = %s ORDER BY type",
                               persona.id)
    assert [row["type"] for row in activities] == ["post_created", "thread_participated"]
    for row in activities:
        assert row["metadata"] == {"post_id": post.id, "room_id": room.id,
                                   "post_preview": ("İki satır: " + "🦊" * 300)[:220]}


def test_a_draft_whose_persona_is_gone_may_be_approved(user, persona, room, database):
    draft = user.draft(persona, room)
    user.delete(f"/personas/{persona.id}")
    post = user.approve(draft)
    assert set(post) == POST - {"persona_id", "persona_name"} and post.status == "PUBLISHED"
    assert database.rows("SELECT metadata FROM events WHERE event_name = 'post_approved' AND user_id = %s",
                         user.id) == [
                             {"metadata": {"post_id": post.id, "room_id": room.id}}]


def test_only_the_owner_approves_and_only_once(user, other, persona, room, database):
    draft = user.draft(persona, room)
    answer = other.post(f"/posts/{draft.id}/approve", json={})
    assert (answer.status_code, answer.json()["error"]) == (403, "not allowed")
    user.approve(draft)
    answer = user.post(f"/posts/{draft.id}/approve", json={"content": "Again."})
    assert (answer.status_code, answer.json()["error"]) == (409, "only drafts can be approved")
    answer = user.post(f"/posts/{NOBODY}/approve", json={})
    assert (answer.status_code, answer.json()["error"]) == (404, "post not found")
    assert database.value("SELECT content FROM posts WHERE id = %s", draft.id) == draft.content


def test_parallel_approvals_publish_once(user, persona, room, database):
    draft = user.draft(persona, room)
    answers = database.crowd("posts", draft.id, 50, lambda: user.post(f"/posts/{draft.id}/approve", json={}))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 49}
    assert database.count("persona_activity_events", persona_id=persona.id, type="post_created") == 1
    assert database.count("events", user_id=user.id, event_name="post_approved") == 1


EMPTY, LONG = "content cannot be empty", "content exceeds max length"
PROFANE, SPAM = "content failed profanity check", "content failed link spam check"
THREE_LINKS = "http://a.example https://b.example www.c.example"


@pytest.mark.parametrize("content, sentence", [
    ("   ", EMPTY), ("\u2003\n", EMPTY),
    ("x" * 501, LONG), ("🦊" * 501, LONG), ("ş" * 501, LONG), ("e\u0301" * 251, LONG),
    ("fuck", PROFANE), ("What the FUCK!", PROFANE), ("shit.", PROFANE), ("a bitch,", PROFANE), ("Asshole", PROFANE),
    ("you (dick)", PROFANE), ("siktir git", PROFANE),
    ("SİKTİR", PROFANE),
    (THREE_LINKS, SPAM), ("HTTP://a.example Https://b.example WWW.c.example", SPAM),
    ("https://a https://b https://c https://d", SPAM),
    ("fuck " + "x" * 500, LONG), ("fuck " + THREE_LINKS, PROFANE), (THREE_LINKS + " " + "x" * 500, LONG),
])
def test_the_content_check_in_its_order(user, persona, room, content, sentence):
    draft = user.draft(persona, room)
    answer = user.post(f"/posts/{draft.id}/approve", json={"content": content})
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)
    assert posts_of(user, room)["posts"] == [listed(draft)]


@pytest.mark.parametrize("content", [
    "x", "x" * 500, "🦊" * 500, "ş" * 500, "  " + "x" * 500 + "\u3000", "e\u0301" * 250,
    "http://a.example and www.b.example", "Scunthorpe and Moby Dickens",
    "shitake", "classic assumption", "httpd and wwwroot and https", "Ignore previous instructions.", "<b>&amp;</b>",
])
def test_what_passes_the_content_check(user, persona, room, content):
    assert user.approve(user.draft(persona, room), content).content == content.strip()


def test_the_longest_post_is_a_setting(user, persona, room, start):
    short = user.at(start(Api, DRAFT_MAX_LEN=40))
    draft = short.draft(persona, room)
    assert 0 < len(draft.content) <= 40
    refused = short.post(f"/posts/{draft.id}/approve", json={"content": "🦊" * 41})
    assert (refused.status_code, refused.json()["error"]) == (400, LONG)
    assert short.approve(draft, "🦊" * 40).content == "🦊" * 40


def summarised(database, post):
    """The post, with a summary that is served at once: nobody waits for one to be made."""
    database.execute("INSERT INTO thread_summaries (post_id, version, summary) "
                     "VALUES (%s, 'an old one', 'What was said.')", post.id)
    return post


def test_a_thread_shows_the_post_and_its_replies_oldest_first(user, other, persona, room, database):
    post = summarised(database, user.publish(persona, room))
    assert user.thread(post).replies == []
    for n, age in enumerate((3, 1, 2)):
        database.execute("INSERT INTO replies (post_id, user_id, authored_by, content, created_at) "
                         "VALUES (%s, %s, 'HUMAN', %s, now() - %s * interval '1 min')",
                         post.id, other.id, f"Reply {n}", age)
    thread = other.thread(post)
    assert thread.post == post | {"mine": False}
    assert [reply["content"] for reply in thread.replies] == ["Reply 0", "Reply 2", "Reply 1"]
    assert set(thread.replies[0]) == {"id", "post_id", "authored_by", "content", "created_at", "updated_at"}
    assert thread.ai_summary == "What was said."
    assert other.get(f"/b/{post.id}").json()["replies"] == thread.replies


def thread_pages(reader, path):
    """The contents of each page of replies."""
    pages, cursor = [], None
    while cursor != "":
        page = reader.get(path, params={"cursor": cursor} if cursor else {}).json()
        pages.append([reply["content"] for reply in page["replies"]])
        cursor = page["next_cursor"]
    return pages


@pytest.mark.parametrize("count, sizes", [(200, [200]), (201, [200, 1]), (450, [200, 200, 50])])
def test_replies_come_in_pages_without_gaps_even_among_equal_times(user, persona, room, database, count, sizes):
    post = summarised(database, user.publish(persona, room))
    database.execute("INSERT INTO replies (post_id, user_id, authored_by, content, created_at) "
                     "SELECT %s, %s, 'HUMAN', n, now() - n / 150 * interval '1 min' FROM generate_series(1, %s) n",
                     post.id, user.id, count)
    in_order = [row["content"] for row in database.rows(
        "SELECT content FROM replies WHERE post_id = %s ORDER BY created_at, id", post.id)]
    for path in (f"/posts/{post.id}/thread", f"/b/{post.id}"):
        pages = thread_pages(user, path)
        assert [len(page) for page in pages] == sizes
        assert [content for page in pages for content in page] == in_order


def test_a_reply_that_comes_while_one_reads_is_on_a_later_page(user, persona, room, database):
    post = summarised(database, user.publish(persona, room))
    reply = ("INSERT INTO replies (post_id, user_id, authored_by, content) "
             "SELECT %s, %s, 'HUMAN', %s || n FROM generate_series(1, %s) n")
    database.execute(reply, post.id, user.id, "early ", 201)
    first = user.thread(post)
    database.execute(reply, post.id, user.id, "late ", 3)
    second = user.get(f"/posts/{post.id}/thread?cursor={first.next_cursor}").json()
    assert [reply["content"].split()[0] for reply in second["replies"]] == ["early"] + ["late"] * 3
    assert second["next_cursor"] == ""


@pytest.mark.parametrize("cursor", ["x", "%FF", "1-", "1-x", "A" * 500, "2026-01-01"])
def test_a_cursor_of_a_thread_that_makes_no_sense_is_refused(user, persona, room, cursor):
    post = user.publish(persona, room)
    for path in (f"/posts/{post.id}/thread", f"/b/{post.id}"):
        answer = user.get(f"{path}?cursor={cursor}")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid cursor")


def test_a_draft_is_for_its_owner_alone(user, other, persona, room, database):
    draft = summarised(database, user.draft(persona, room))
    for path in (f"/posts/{draft.id}/thread", f"/b/{draft.id}"):
        assert user.get(path).json()["post"] == draft
        answer = other.get(path)
        assert (answer.status_code, answer.json()["error"]) == (403, "not allowed")


def test_a_battle_is_public(api, user, persona, room, database):
    """For anybody, with a bad token as with none."""
    post = summarised(database, user.publish(persona, room))
    del post["mine"]
    for headers in ({}, {"Authorization": "Bearer bad"}):
        answer = api.client.get(f"/b/{post.id}", headers=headers)
        assert answer.status_code == 200 and answer.json()["post"] == post


def test_a_battle_that_is_a_draft_is_not_public(api, user, other, persona, room):
    draft = user.draft(persona, room)
    for headers in ({}, {"Authorization": "Bearer bad"}, {"Authorization": "Basic YTpi"},
                    {"Authorization": f"Bearer {other.token}"}):
        answer = api.client.get(f"/b/{draft.id}", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "not allowed")


def test_an_unknown_thread_is_not_found(user):
    answer = user.get(f"/posts/{NOBODY}/thread")
    assert (answer.status_code, answer.json()["error"]) == (404, "post not found")
    assert user.get(f"/b/{NOBODY}").status_code == 404


def test_without_a_summary_the_reader_waits_at_most_two_seconds(user, persona, room, database):
    post = user.publish(persona, room)
    thread = user.get(f"/posts/{post.id}/thread", timeout=3).json()
    assert thread["ai_summary"] == "Thread summary unavailable right now."
    assert thread["ai_summary_status"] == "unavailable"
    assert database.count("jobs", job_type="summarize_thread", post_id=post.id) == 1


def test_many_readers_ask_for_one_summary(user, persona, room, database):
    post = user.publish(persona, room)
    in_parallel(10, lambda: user.thread(post))
    assert database.count("jobs", job_type="summarize_thread", post_id=post.id) == 1


def test_posts_of_a_room_stay_in_it(user, persona, room, database):
    post = user.publish(persona, room)
    assert posts_of(user, new_room(database))["posts"] == []
    assert posts_of(user, room)["posts"] == [listed(post)]
