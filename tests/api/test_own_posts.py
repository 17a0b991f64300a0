"""One's own posts: their list, editing a draft, deleting a post with its thread."""
from collections import Counter

import pytest

from api.test_rooms_posts import NOBODY, ROOM, listed, write_posts
from support.battles import engage
from support.people import new_room
from support.program import Worker
from support.waiting import at_once, eventually, in_parallel

CHECKED = {
    "content cannot be empty": ["", " \n ", None],
    "content exceeds max length": ["a" * 501],
    "content failed profanity check": ["What a Shit idea"],
    "content failed link spam check": ["http://a.example https://b.example www.c.example"],
}


def own_posts(user, **query):
    answer = user.get("/me/posts", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def edit(user, post, content):
    return user.put(f"/posts/{post.id}", json={"content": content})


def delete(user, post):
    return user.delete(f"/posts/{post.id}")


def refusal(answer):
    return answer.status_code, answer.json()["error"]


def of_post(database, post):
    """How many rows hang on a post."""
    return {table: database.value(f"SELECT count(*) FROM {table} WHERE post_id = %s", post.id)
            for table in ("replies", "jobs", "thread_summaries")}


NOTHING = {"replies": 0, "jobs": 0, "thread_summaries": 0}


# ---- a room ----

def test_a_room_is_shown_as_in_the_list(user, database):
    room = new_room(database)
    answer = user.get(f"/rooms/{room.id}")
    assert answer.status_code == 200 and set(answer.json()) == ROOM - {"last_post_at"}
    assert answer.json() in user.get("/rooms").json()["rooms"]
    assert refusal(user.get(f"/rooms/{NOBODY}")) == (404, "room not found")
    assert refusal(user.get("/rooms/x")) == (400, "room id is invalid")


# ---- the list ----

def test_ones_own_posts_of_all_rooms_are_listed_by_status(user, other, persona, room, database):
    published = user.publish(persona, room)
    draft = user.draft(persona, new_room(database))
    other.publish(other.persona(), room)
    other.draft(other.persona(), room)
    assert own_posts(user) == {"posts": [listed(draft), listed(published)], "next_cursor": ""}
    assert own_posts(user, status="") == own_posts(user)
    assert own_posts(user, status="draft")["posts"] == [listed(draft)]
    assert own_posts(user, status="published")["posts"] == [listed(published)]


@pytest.mark.parametrize("status, expected", [("draft", 125), ("published", 130), (None, 255)])
def test_ones_own_posts_are_paged_without_gaps_at_one_moment(user, database, room, status, expected):
    at = "'2026-01-01T00:00:00.123457Z'::timestamptz"
    write_posts(database, user, room, 125, status="DRAFT", at=at)
    write_posts(database, user, new_room(database), 130, at=at)
    ids, cursor = [], None
    while cursor != "":
        page = own_posts(user, **({"status": status} if status else {}), **({"cursor": cursor} if cursor else {}))
        ids += [post["id"] for post in page["posts"]]
        cursor = page["next_cursor"]
    assert len(ids) == len(set(ids)) == expected


@pytest.mark.parametrize("query, error", [
    ("status=x", "status must be draft or published"), ("status=DRAFT", "status must be draft or published"),
    ("limit=0", "limit must be between 1 and 100"), ("limit=101", "limit must be between 1 and 100"),
    ("limit=x", "limit must be a number"), ("cursor=x", "invalid cursor"),
])
def test_a_list_that_makes_no_sense_is_refused(user, query, error):
    assert refusal(user.get(f"/me/posts?{query}")) == (400, error)


# ---- editing ----

def test_a_draft_is_edited_and_stays_a_draft(user, persona, room, database):
    draft = user.draft(persona, room)
    answer = edit(user, draft, "  Topic: Bread or rice?  ")
    assert answer.status_code == 200
    changed = answer.json()
    assert changed == draft | {"content": "Topic: Bread or rice?", "topic": "Bread or rice?",
                               "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > draft.updated_at
    assert own_posts(user)["posts"] == [listed(changed)]
    assert database.value("SELECT topic FROM posts WHERE id = %s", draft.id) == "Bread or rice?"
    assert edit(user, draft, "a" * 500).status_code == 200


@pytest.mark.parametrize("error, content", [(error, content) for error in CHECKED for content in CHECKED[error]])
def test_an_edited_text_passes_the_same_check_as_an_approved_one(user, persona, room, error, content):
    draft = user.draft(persona, room)
    assert refusal(edit(user, draft, content)) == (400, error)
    assert own_posts(user)["posts"] == [listed(draft)]


def test_only_ones_own_draft_is_edited(user, other, persona, room):
    draft, published = user.draft(persona, room), user.publish(persona, room)
    assert refusal(edit(other, draft, "Mine.")) == (403, "not allowed")
    assert refusal(edit(other, published, "Mine.")) == (403, "not allowed")
    assert refusal(edit(user, published, "Later.")) == (409, "only drafts can be edited")
    assert refusal(user.put(f"/posts/{NOBODY}", json={"content": "x"})) == (404, "post not found")
    assert refusal(user.put("/posts/x", json={"content": "x"})) == (400, "post id is invalid")
    assert own_posts(user)["posts"] == [listed(published), listed(draft)]


def while_locked(database, post, *acts):
    """What the acts answer that all wait for the post's row before one of them gets it."""
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM posts WHERE id = %s FOR UPDATE", [post.id])

        def let_go():
            eventually(lambda: database.waiting_for_locks() >= len(acts))
            holder.rollback()

        return at_once(*acts, let_go)[:-1]


def test_a_draft_that_is_approved_meanwhile_is_edited_before_it_or_not_at_all(user, persona, room, database):
    draft = user.draft(persona, room)
    approved, edited = while_locked(database, draft, lambda: user.post(f"/posts/{draft.id}/approve", json={}),
                                    lambda: edit(user, draft, "Edited."))
    assert approved.status_code == 200
    shown = approved.json()["content"]
    assert (edited.status_code, shown) in ((200, "Edited."), (409, draft.content))
    assert own_posts(user)["posts"] == [listed(approved.json())]


def test_of_two_edits_at_once_one_stays_as_a_whole(user, persona, room, database):
    draft = user.draft(persona, room)
    answers = while_locked(database, draft, *(lambda n=n: edit(user, draft, f"Text {n}.") for n in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert own_posts(user)["posts"][0] in [listed(answer.json()) for answer in answers]


# ---- deleting ----

def test_a_draft_is_deleted(user, persona, room):
    draft = user.draft(persona, room)
    answer = delete(user, draft)
    assert (answer.status_code, answer.json()) == (200, {"deleted": True})
    assert own_posts(user)["posts"] == []
    assert refusal(delete(user, draft)) == (404, "post not found")
    assert refusal(edit(user, draft, "Back.")) == (404, "post not found")
    assert refusal(user.post(f"/posts/{draft.id}/approve", json={})) == (404, "post not found")


def test_only_ones_own_post_is_deleted(user, other, persona, room):
    draft, published = user.draft(persona, room), user.publish(persona, room)
    for post in (draft, published):
        assert refusal(delete(other, post)) == (403, "not allowed")
    assert refusal(user.delete(f"/posts/{NOBODY}")) == (404, "post not found")
    assert refusal(user.delete("/posts/x")) == (400, "post id is invalid")
    assert own_posts(user)["posts"] == [listed(published), listed(draft)]


def test_a_post_goes_with_its_thread_and_is_shown_nowhere(user, other, persona, room, database, worker):
    post = user.publish(persona, room)
    user.ask_for_replies(post, persona)
    eventually(lambda: user.thread(post).replies, within=20)
    engage(database, post, shares=1)
    reads = [f"/b/{post.id}", f"/b/{post.id}/meta", f"/b/{post.id}/card.png"]
    assert [user.api.client.get(path).status_code for path in reads] == [200] * 3
    assert delete(user, post).status_code == 200
    assert [user.api.client.get(path).status_code for path in reads[:2]] == [404] * 2
    eventually(lambda: user.api.client.get(reads[2]).status_code == 404)
    assert of_post(database, post) == NOTHING
    assert database.count("battle_engagement", battle_id=post.id) == 0
    assert post.id not in other.get("/feed").text
    assert user.get(f"/rooms/{room.id}/posts").json()["posts"] == []


def test_the_drafts_quota_is_not_given_back(user, room):
    persona = user.persona(daily_draft_quota=1)
    assert delete(user, user.draft(persona, room)).status_code == 200
    assert refusal(user.ask_for_draft(persona, room)) == (429, "daily draft quota reached")


def test_a_post_is_deleted_once(user, persona, room):
    post = user.publish(persona, room)
    answers = in_parallel(8, lambda: delete(user, post))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 404: 7}


def test_whoever_waits_for_a_post_that_is_deleted_finds_none(user, persona, room, database):
    post = user.publish(persona, room)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("DELETE FROM posts WHERE id = %s", [post.id])

        def let_go():
            eventually(lambda: database.waiting_for_locks())
            holder.commit()

        asked, _ = at_once(lambda: user.post(f"/posts/{post.id}/generate-replies", json={}), let_go)
    assert refusal(asked) == (404, "post not found")
    assert of_post(database, post) == NOTHING


def test_a_post_is_deleted_while_its_reply_is_written(user, persona, room, database, start):
    post = user.publish(persona, room)
    start(Worker, MOCK_LLM_LATENCY="2s")
    user.ask_for_replies(post, persona)
    eventually(lambda: database.value("SELECT status FROM jobs WHERE post_id = %s AND job_type = 'generate_reply'",
                                      post.id) == "PROCESSING")
    assert delete(user, post).status_code == 200
    assert of_post(database, post) == NOTHING
    sentinel = user.publish(persona, room)
    user.ask_for_replies(sentinel, persona)
    eventually(lambda: user.thread(sentinel).replies, within=20)
    assert of_post(database, post) == NOTHING
