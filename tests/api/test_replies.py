"""generate-replies: who is asked for a reply,
who is skipped, and which jobs that leaves."""
import uuid
from collections import Counter

import pytest

from support.people import Record, made
from support.waiting import in_parallel

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


@pytest.fixture
def post(user, persona, room):
    return user.publish(persona, room)


def ask(user, post, **body):
    return user.post(f"/posts/{post.id}/generate-replies", json=body)


def queued(database, post):
    rows = database.rows("SELECT persona_id::text AS id FROM jobs WHERE post_id = %s AND job_type = 'generate_reply' "
                         "ORDER BY jobs.id", post.id)
    return [row["id"] for row in rows]


def use_up(database, persona, n=1):
    for _ in range(n):
        database.execute("INSERT INTO quota_events (persona_id, quota_type) VALUES (%s, 'reply')", persona.id)


def test_replies_of_the_named_personas_are_enqueued(user, post, database):
    personas = [user.persona() for _ in range(4)]
    assert user.ask_for_replies(post, *personas[:2]) == {"enqueued": 2, "skipped": 0}
    assert set(queued(database, post)) == {persona.id for persona in personas[:2]}


def test_a_job_carries_its_post_persona_and_request(user, post, database):
    replier = user.persona()
    answer = user.post(f"/posts/{post.id}/generate-replies", json={"persona_ids": [replier.id]},
                       headers={"X-Request-Id": "the-asking-request"})
    assert answer.json() == {"enqueued": 1, "skipped": 0}
    job = database.row("SELECT * FROM jobs WHERE post_id = %s AND job_type = 'generate_reply'", post.id)
    assert (job["status"], job["attempts"], str(job["persona_id"])) == ("PENDING", 0, replier.id)
    assert (job["payload"]["post_id"], job["payload"]["persona_id"]) == (post.id, replier.id)
    assert "the-asking-request" in (job["payload"].get("trace_id"), job.get("request_id"))


@pytest.mark.parametrize("body", [{}, {"persona_ids": []}, {"persona_ids": None}, {"persona_ids": ""}, None])
def test_without_names_the_three_oldest_personas_are_asked(user, post, database, body, persona):
    others = [user.persona() for _ in range(4)]
    answer = user.post(f"/posts/{post.id}/generate-replies", **({} if body is None else {"json": body}))
    assert answer.json() == {"enqueued": 3, "skipped": 0}
    assert queued(database, post) == [persona.id, others[0].id, others[1].id]


def test_none_comes_in_for_one_of_the_three_oldest_that_is_skipped(user, post, persona, database):
    second, third, _ = (user.persona(daily_reply_quota=1) for _ in range(3))
    use_up(database, second)
    assert ask(user, post).json() == {"enqueued": 2, "skipped": 1}
    assert queued(database, post) == [persona.id, third.id]


def test_a_user_without_personas_has_nobody_to_ask(other, post):
    answer = ask(other, post)
    assert (answer.status_code, answer.json()["error"]) == (400, "no personas available")


def test_a_published_post_of_somebody_else_may_be_replied_to(other, post, database):
    replier = other.persona()
    assert other.ask_for_replies(post, replier) == {"enqueued": 1, "skipped": 0}
    assert queued(database, post) == [replier.id]


def test_only_own_personas_are_asked(user, other, post, database):
    for persona_id in (other.persona().id, NOBODY):
        answer = ask(user, post, persona_ids=[user.persona().id, persona_id])
        assert (answer.status_code, answer.json()["error"]) == (400, f"persona {persona_id} not found")
    assert queued(database, post) == []


@pytest.mark.parametrize("ids", [[""], ["", "  "], ["\u3000"]])
def test_blank_ids_alone_name_nobody(user, post, ids):
    answer = ask(user, post, persona_ids=ids)
    assert (answer.status_code, answer.json()["error"]) == (400, "persona_ids cannot be empty")


def test_blank_ids_beside_others_are_ignored(user, post, persona):
    assert ask(user, post, persona_ids=["", persona.id, " "]).json() == {"enqueued": 1, "skipped": 0}


@pytest.mark.parametrize("bad", ["x", "00000000-0000-0000-0000-000000000000", "{}", "' OR true"])
def test_a_malformed_id_is_refused(user, post, persona, bad):
    answer = ask(user, post, persona_ids=[persona.id, bad])
    assert (answer.status_code, answer.json()["error"]) == (400, "persona_id is invalid")


def test_a_repeated_id_is_one_persona(user, post, persona, database):
    answer = ask(user, post, persona_ids=[persona.id, persona.id.upper(), f" {persona.id} "])
    assert answer.json()["enqueued"] == 1
    assert queued(database, post) == [persona.id]


def test_only_published_posts_get_replies(user, persona, room, database):
    draft = user.draft(persona, room)
    answer = ask(user, draft, persona_ids=[persona.id])
    assert (answer.status_code, answer.json()["error"]) == (409, "replies can be generated only for published posts")
    answer = user.post(f"/posts/{NOBODY}/generate-replies", json={})
    assert (answer.status_code, answer.json()["error"]) == (404, "post not found")
    assert queued(database, draft) == []


def test_a_draft_of_somebody_else_is_nobody_elses_business(user, other, persona, room):
    draft = user.draft(persona, room)
    answer = other.post(f"/posts/{draft.id}/generate-replies", json={"persona_ids": [other.persona().id]})
    assert (answer.status_code, answer.json()["error"]) == (403, "not allowed")


def test_who_cannot_reply_is_skipped(user, post, database):
    replied, waiting, running, spent, free = (user.persona(daily_reply_quota=2) for _ in range(5))
    database.execute("INSERT INTO replies (post_id, persona_id, user_id, authored_by, content) "
                     "VALUES (%s, %s, %s, 'AI', 'Said.')",
                     post.id, replied.id, user.id)
    user.ask_for_replies(post, waiting, running)
    database.execute("UPDATE jobs SET status = 'PROCESSING', locked_at = now() WHERE persona_id = %s", running.id)
    use_up(database, spent, 2)
    assert user.ask_for_replies(post, replied, waiting, running, spent, free) == {"enqueued": 1, "skipped": 4}
    assert Counter(queued(database, post)) == {waiting.id: 1, running.id: 1, free.id: 1}


def test_yesterdays_replies_do_not_count(user, post, database):
    persona = user.persona(daily_reply_quota=1)
    use_up(database, persona)
    assert user.ask_for_replies(post, persona) == {"enqueued": 0, "skipped": 1}
    database.execute("UPDATE quota_events SET created_at = date_trunc('day', now(), 'UTC') - interval '1 "
                     "microsecond' WHERE persona_id = %s", persona.id)
    assert user.ask_for_replies(post, persona) == {"enqueued": 1, "skipped": 0}


def test_a_failed_job_may_be_asked_for_again(user, post, persona, database):
    user.ask_for_replies(post, persona)
    database.execute("UPDATE jobs SET status = 'FAILED' WHERE post_id = %s", post.id)
    assert user.ask_for_replies(post, persona) == {"enqueued": 1, "skipped": 0}


def test_parallel_requests_enqueue_a_persona_once(user, post, persona, database):
    answers = in_parallel(20, lambda: made(ask(user, post, persona_ids=[persona.id]), 200))
    assert Counter((answer.enqueued, answer.skipped) for answer in answers) == {(1, 0): 1, (0, 1): 19}
    assert queued(database, post) == [persona.id]


def test_the_quota_is_exact_under_parallel_requests(user, room, database):
    """For fifty posts at the same time, as many replies are enqueued as the persona has left."""
    persona = user.persona(daily_reply_quota=5)
    use_up(database, persona, 2)
    posts = database.rows("INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at) "
                          "SELECT %s, %s, 'HUMAN', 'PUBLISHED', 'Is it?', now() FROM generate_series(1, 50) "
                          "RETURNING id", room.id, user.id)
    each = iter([Record(post) for post in posts])
    answers = database.crowd("personas", persona.id, 50, lambda: user.ask_for_replies(next(each), persona))
    assert Counter((answer.enqueued, answer.skipped) for answer in answers) == {(1, 0): 3, (0, 1): 47}
    assert database.count("jobs", persona_id=persona.id, job_type="generate_reply") == 3
    assert database.count("events", user_id=user.id, event_name="battle_created") == 3


def test_something_enqueued_is_an_event(user, post, persona, database):
    second = user.persona()
    user.ask_for_replies(post, persona, second)
    user.ask_for_replies(post, persona, second)
    events = database.rows("SELECT metadata FROM events WHERE user_id = %s AND event_name = 'battle_created'", user.id)
    assert events == [{"metadata": {"post_id": post.id, "enqueued_count": 2}}]


def test_a_deleted_persona_takes_its_jobs_along(user, post, persona, database):
    user.ask_for_replies(post, persona)
    user.delete(f"/personas/{persona.id}")
    assert queued(database, post) == []


def test_the_list_of_personas_is_bounded(user, post):
    """By different ones: one that is repeated counts once."""
    ids = [str(uuid.uuid4()) for _ in range(101)]
    for most in (ids[:100], ids[:100] * 2):
        assert ask(user, post, persona_ids=most).json()["error"] == f"persona {ids[0]} not found"
    refused = ask(user, post, persona_ids=ids)
    assert (refused.status_code, refused.json()["error"]) == (400, "persona_ids must contain at most 100 items")
