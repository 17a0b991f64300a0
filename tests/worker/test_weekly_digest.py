"""The weekly score: the three best unseen battles of seven days, one sentence about each.
When a user's turn is: test_scheduler.py."""
import json

import pytest

from fakes.openai import hang
from support.battles import engage, happen, summarize, write_battle
from support.exposition import Page
from support.people import made, sign_up
from support.program import Worker
from support.queue import failed_once, speaking_to, write_job
from support.waiting import eventually

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
DAY = 24


def ask(database, user):
    """Asks for the user's digest of this week as an operator does, by hand."""
    return write_job(database, type="weekly_digest", payload=json.dumps({"user_id": str(user.id)}))


def weekly(user):
    return made(user.get("/digest/weekly"), 200)


def digest_of(database, user, within=10):
    """The items of the digest that is made now."""
    job = ask(database, user)
    eventually(lambda: database.value("SELECT status::text FROM jobs WHERE id = %s", job) == "DONE", within)
    answer = weekly(user)
    assert (answer.exists, answer.is_current_week) == (True, True)
    return answer.digest["items"]


def ids(items):
    return [item["battle_id"] for item in items]


@pytest.fixture
def told(database, other):
    """Writes a battle of somebody else's that has a summary already."""

    def write(*arguments, author=other, summary="They compare notes. It stays open.", **options):
        battle = write_battle(database, author, *arguments, **options)
        summarize(database, battle, summary)
        return battle

    return write


# ---- which ----


def test_an_item_says_all_about_its_battle(user, told, watchful, database):
    battle = told("Topic: Tabs or spaces\nPro style: Bold", hours_old=10)
    (item,) = digest_of(database, user)
    room = user.room("go-backend")
    created_at = database.value("SELECT utc(created_at) FROM posts WHERE id = %s", battle.id)
    assert item.pop("score") == pytest.approx(86, abs=0.1)
    assert item == {"battle_id": battle.id, "room_id": room.id, "room_name": room.name, "topic": "Tabs or spaces",
                    "summary": "They compare notes.", "created_at": created_at}
    line = watchful.log.wait_for("digest_refreshed", job_type="weekly_digest")
    assert line["user_id"] == user.id and line["date"]


SCORES = [  # hours old, shares, remixes, by somebody followed: score
    (1, 0, 0, False, 95), (95, 0, 0, False, 1), (97, 0, 0, False, 0), (-5, 0, 0, False, 96), (167, 0, 0, False, 0),
    (100, 2, 0, False, 4), (100, 0, 2, False, 6), (100, 0, 0, True, 6), (50, 3, 2, True, 64),
]


def test_the_score(user, other, told, watchful, database):
    stranger, friend = other.persona(), other.persona()
    database.execute("INSERT INTO persona_follows (follower_user_id, followed_persona_id) VALUES (%s, %s)", user.id,
                     friend.id)
    for hours_old, shares, remixes, is_followed, score in SCORES:
        battle = told(hours_old=hours_old, persona=friend if is_followed else stranger)
        engage(database, battle, shares, remixes)
        (item,) = digest_of(database, user)
        assert item["score"] == pytest.approx(score, abs=0.1), (hours_old, shares, remixes, is_followed)
        database.execute("DELETE FROM posts WHERE id = %s", battle.id)


def test_the_best_three_in_the_order_of_their_scores(user, told, watchful, database):
    shared, fresh, _, old_but_loved, _ = battles = [told(hours_old=hours) for hours in (20, 2, 21, 140, 120)]
    engage(database, shared, shares=10)
    engage(database, old_but_loved, remixes=31)
    assert ids(digest_of(database, user)) == [shared.id, fresh.id, old_but_loved.id]
    assert len(battles) == 5


def test_of_equal_scores_the_newer_and_of_equal_times_the_greater_id(user, told, watchful, database):
    newer, *triplets = [told(hours_old=hours).id for hours in (110, 120, 120, 120)]
    database.execute("UPDATE posts SET created_at = (SELECT min(created_at) FROM posts) WHERE id <> %s", newer)
    for battle in database.rows("SELECT id FROM posts"):
        happen(database, "battle_shared", {"battle_id": str(battle["id"])})
    assert ids(digest_of(database, user)) == [newer, *sorted(triplets, reverse=True)[:2]]


def test_one_of_a_followed_persona_is_found_behind_many_newer_ones(user, other, told, watchful, database):
    persona = other.persona()
    database.execute("INSERT INTO persona_follows (follower_user_id, followed_persona_id) VALUES (%s, %s)", user.id,
                     persona.id)
    newer = [told(hours_old=n / 10) for n in range(1, 6)]
    followed = told(hours_old=4, persona=persona)
    assert ids(digest_of(database, user)) == [followed.id, newer[0].id, newer[1].id]


def test_one_that_many_outrank_in_all_but_the_score_is_found(user, other, told, watchful, database):
    """Many newer ones, many engaged ones: the best is neither among the newest nor among the most
    shared."""
    database.execute(
        "INSERT INTO posts (room_id, user_id, authored_by, status, content, created_at) "
        "SELECT r.id, %s, 'HUMAN', 'PUBLISHED', 'x', now() - n * interval '1 minute' "
        "FROM rooms r, generate_series(1, 100) n WHERE slug = 'game-dev'", other.id)
    database.execute(
        "WITH p AS (INSERT INTO posts (room_id, user_id, authored_by, status, content, created_at) "
        "SELECT r.id, %s, 'HUMAN', 'PUBLISHED', 'x', "
        "now() - interval '20 days' FROM rooms r, generate_series(1, 100) WHERE slug = 'game-dev' RETURNING id) "
        "INSERT INTO events (event_name, metadata) SELECT 'battle_shared', jsonb_build_object('battle_id', id) "
        "FROM p, generate_series(1, 5)", other.id)
    database.execute("INSERT INTO thread_summaries (post_id, version, summary) SELECT id, 'x', 'Said.' FROM posts")
    best = told(hours_old=3)
    engage(database, best, shares=4)
    assert ids(digest_of(database, user))[0] == best.id


SEEING = ["public_battle_viewed", "battle_shared", "remix_started", "remix_completed", "notification_clicked"]


def test_what_the_user_had_to_do_with_is_seen(user, told, watchful, database):
    for name in SEEING:
        happen(database, name, {"battle_id": told().id}, user, days_ago=13.9)
    unseen = told()
    assert ids(digest_of(database, user)) == [unseen.id]


def test_the_source_of_a_remix_is_seen_not_the_remix(user, told, watchful, database):
    source, remix = told(), told()
    happen(database, "remix_completed", {"battle_id": remix.id, "source_battle_id": source.id}, user)
    assert ids(digest_of(database, user)) == [remix.id]


def test_what_others_saw_or_was_long_ago_or_no_look_is_unseen(user, other, told, watchful, database):
    battle = told()
    happen(database, "public_battle_viewed", {"battle_id": battle.id}, user, days_ago=14.1)
    happen(database, "public_battle_viewed", {"battle_id": battle.id}, other)
    happen(database, "public_battle_viewed", {"battle_id": battle.id})
    happen(database, "remix_clicked", {"battle_id": battle.id}, user)
    for metadata in ({}, {"battle_id": "battle-123"}, {"battle_id": None}, {"source_battle_id": "", "battle_id": []},
                     [], "x"):
        happen(database, "public_battle_viewed", metadata, user)
    assert ids(digest_of(database, user)) == [battle.id]


def test_a_view_that_a_client_tells_of_is_none(user, told, watchful, database):
    """A page of a stranger can't take battles out of its visitors' digests."""
    battle = told()
    for name in ("public_battle_viewed", "remix_started", "remix_completed"):
        body = {"event_name": name, "metadata": {"battle_id": battle.id}}
        assert user.post("/events", json=body).status_code == 202
    assert ids(digest_of(database, user)) == [battle.id]


def test_neither_ones_own_nor_drafts_nor_last_weeks(user, told, watchful, database):
    told(author=user)
    told(status="DRAFT")
    told(hours_old=7 * DAY + 0.1)
    kept = told(hours_old=7 * DAY - 0.1)
    assert ids(digest_of(database, user)) == [kept.id]


def test_with_nothing_new_it_is_there_and_empty(user, watchful, database):
    assert digest_of(database, user) == []


def test_a_battle_of_a_persona_that_is_gone_counts(user, other, told, watchful, database):
    persona = other.persona()
    battle = told(persona=persona)
    database.execute("DELETE FROM personas WHERE id = %s", persona.id)
    assert ids(digest_of(database, user)) == [battle.id]


# ---- in which words ----

FOX = "🦊"


@pytest.mark.parametrize("content, topic", [
    ("Topic:  Tabs   or spaces? Yes.\nWell", "Tabs or spaces? Yes."),
    ("topic: " + "w" * 140, "w" * 140), ("Topic: " + "w" * 141, "w" * 140),
    ("Topic: " + "a" * 130 + " " + "b" * 9, "a" * 130 + " " + "b" * 9),
    ("Topic: " + "a" * 130 + " " + "b" * 10, "a" * 130),
    (FOX * 140 + ". More.", FOX * 140), (FOX * 141 + ". More.", FOX * 140),
    ("A sentence of its own! And more.", "A sentence of its own"),
    ("word " * 28 + "end. More", ("word " * 28).strip()), ("?!", "Battle in Go Backend"),
])
def test_the_topic(database, content, topic):
    assert database.value("SELECT battle_topic_within(%s, 'Go Backend', 140, 140)", content) == topic


@pytest.mark.parametrize("summary, sentence", [
    ("One thing. Another thing.", "One thing."), ("No mark at all", "No mark at all"), ("Is it? It is.", "Is it?"),
    ("“It is.” They agree.", "“It is.”"),
    ("Version 3.5 is out… They like it.", "Version 3.5 is out…"), ("On two\nlines. And more", "On two lines."),
    ("... but then. More.", "... but then."),
    ("w" * 219 + ". More.", "w" * 219 + "."), ("w" * 220 + ". More.", "w" * 220), ("w" * 221, "w" * 220),
    (FOX * 220, FOX * 220), (FOX * 221, FOX * 220),
    ("a" * 210 + " " + "b" * 8 + ". More.", "a" * 210 + " " + "b" * 8 + "."),
    ("a" * 210 + " " + "b" * 9 + ". More.", "a" * 210),
    (" \n", None),
])
def test_one_sentence_of_the_threads_summary(database, summary, sentence):
    assert database.value("SELECT first_sentence(%s, 220)", summary) == sentence


def test_both_are_cut(user, told, watchful, database):
    told("Topic: " + FOX * 141, summary=FOX * 221)
    (item,) = digest_of(database, user)
    assert (item["topic"], item["summary"]) == (FOX * 140, FOX * 220)


def test_a_summary_that_says_nothing_is_replaced_by_the_counts(user, told, watchful, database):
    told(summary=" \n")
    (item,) = digest_of(database, user)
    assert item["summary"] == "So far 0 replies, 0 shares and 0 remixes."
    assert database.value("SELECT degraded FROM weekly_digests") is False


def test_a_missing_summary_is_made_once_for_all_who_read_of_it(user, other, api, watchful, database):
    battle = write_battle(database, other, "Nobody replied so far.")
    readers = [user, sign_up(api), sign_up(api)]
    jobs = [ask(database, reader) for reader in readers]
    eventually(lambda: database.count("jobs", job_type="weekly_digest", status="DONE") == len(jobs), within=15)
    summary = database.value("SELECT first_sentence(summary, 220) FROM thread_summaries WHERE post_id = %s", battle.id)
    assert [weekly(reader).digest["items"][0]["summary"] for reader in readers] == [summary] * 3
    assert Page(watchful.metrics()).value("llm_requests_total", operation="thread_summary") == 1
    assert database.count("weekly_digests", degraded=True) == 0


# ---- with the provider away ----


@pytest.mark.parametrize("language, sentence", [
    ("en", "So far 1 reply, 2 shares and 0 remixes."), ("tr", "Şimdiye dek 1 yanıt, 2 paylaşım ve 0 remiks."),
    (None, "So far 1 reply, 2 shares and 0 remixes."),
])
def test_the_counts_stand_in_and_it_is_made_again_when_the_provider_is_back(user, other, start, database, language,
                                                                            sentence):
    if language:
        user.persona(preferred_language=language)
        user.persona(preferred_language="en" if language == "tr" else "tr")
    battle = write_battle(database, other)
    engage(database, battle, shares=2)
    database.execute("INSERT INTO replies (post_id, user_id, authored_by, content) VALUES (%s, %s, 'HUMAN', 'No.')",
                     battle.id, other.id)
    quick = {"WORKER_POLL_EVERY": "200ms", "JOB_RETRY_BASE": "1s"}
    worker = start(Worker, MOCK_LLM_FAILURE="status_500", MOCK_LLM_FAILURE_RATE="1", **quick)
    job = ask(database, user)
    (item,) = eventually(lambda: (found := weekly(user)).exists and found.digest["items"], within=10)
    assert item["summary"] == sentence
    assert database.value("SELECT degraded FROM weekly_digests") is True
    line = worker.log.wait_for("digest_failed", job_id=job)
    assert (line["user_id"], line["level"]) == (user.id, "warn")
    eventually(lambda: (row := database.row("SELECT status::text, attempts FROM jobs WHERE id = %s", job))
               == {"status": "PENDING", "attempts": 0} and row)
    worker.stop()
    start(Worker, **quick)
    eventually(lambda: database.value("SELECT degraded FROM weekly_digests") is False, within=20)
    (item,) = weekly(user).digest["items"]
    assert item["summary"] == database.value("SELECT first_sentence(summary, 220) FROM thread_summaries")
    eventually(lambda: database.value("SELECT status::text FROM jobs WHERE id = %s", job) == "DONE")


def test_one_that_is_degraded_waits_as_long_as_it_is_old(user, other, start, database):
    write_battle(database, other)
    job = ask(database, user)
    database.execute("UPDATE jobs SET created_at = now() - interval '5 minutes' WHERE id = %s", job)
    start(Worker, MOCK_LLM_FAILURE="status_500", MOCK_LLM_FAILURE_RATE="1", WORKER_POLL_EVERY="200ms")
    eventually(lambda: database.count("weekly_digests", degraded=True) == 1, within=10)
    due_in = database.value("SELECT extract(epoch FROM available_at - updated_at)::float FROM jobs WHERE id = %s", job)
    assert due_in == pytest.approx(300, abs=20)


def test_a_provider_that_never_answers_is_awaited_for_half_a_minute(user, other, start, provider, database):
    provider.default = hang()
    start(Worker, WORKER_POLL_EVERY="200ms", **speaking_to(provider))
    battle = write_battle(database, other)
    job = ask(database, user)
    eventually(lambda: provider.in_flight == 1, within=10)
    eventually(lambda: database.row("SELECT status::text, attempts FROM jobs WHERE id = %s", job)
               == {"status": "PENDING", "attempts": 0})
    assert not weekly(user).exists
    database.execute("UPDATE jobs SET created_at = now() - interval '30 seconds' WHERE post_id = %s", battle.id)
    eventually(lambda: database.count("weekly_digests", degraded=True) == 1, within=10)
    assert database.count("jobs", job_type="summarize_thread") == 1


def test_a_digest_waits_a_minute_in_all_however_new_the_battles_are(user, other, start, provider, database):
    """Where much is posted, each look finds a best battle whose summary was just asked for."""
    provider.default = hang()
    start(Worker, WORKER_POLL_EVERY="200ms", **speaking_to(provider))
    write_battle(database, other)
    job = ask(database, user)
    eventually(lambda: provider.in_flight == 1, within=10)
    handed_back = ("UPDATE jobs SET payload = jsonb_set(payload, '{handed_back_at}', "
                   "to_jsonb(extract(epoch FROM now()) - %s)) "
                   "WHERE id = %s AND payload ? 'handed_back_at' RETURNING id")
    assert eventually(lambda: database.rows(handed_back, 50, job))
    looks = database.value("SELECT updated_at FROM jobs WHERE id = %s", job)
    eventually(lambda: database.value("SELECT updated_at FROM jobs WHERE id = %s", job) > looks)
    assert not weekly(user).exists
    newest = write_battle(database, other)
    assert database.rows(handed_back, 60, job)
    eventually(lambda: database.count("weekly_digests", degraded=True) == 1, within=10)
    assert not database.value("SELECT payload ? 'handed_back_at' FROM jobs WHERE id = %s", job)
    assert newest.id in {item["battle_id"] for item in weekly(user).digest["items"]}


# ---- when there is nobody, or no need ----


def test_a_job_for_nobody_fails_for_good(watchful, database):
    job = write_job(database, type="weekly_digest", payload=json.dumps({"user_id": NOBODY}))
    failed_once(watchful, database, None, "user not found", job)
    assert watchful.log.find("digest_failed", job_id=job)


def test_a_user_deleted_meanwhile_takes_the_job_along(user, other, start, provider, database):
    provider.default = hang()
    start(Worker, WORKER_POLL_EVERY="200ms", **speaking_to(provider))
    write_battle(database, other)
    ask(database, user)
    eventually(lambda: provider.in_flight == 1, within=10)
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    provider.release()
    eventually(lambda: database.count("jobs", status="DONE", job_type="summarize_thread") == 1, within=10)
    assert database.count("jobs", job_type="weekly_digest") == database.count("weekly_digests") == 0


def test_a_week_that_is_over_needs_no_digest_any_more(user, told, watchful, database):
    told()
    job = write_job(database, type="weekly_digest", user_id=user.id, subject_date="2026-01-05")
    eventually(lambda: database.value("SELECT status::text FROM jobs WHERE id = %s", job) == "DONE")
    assert database.count("weekly_digests") == 0


def test_a_refresh_takes_the_place_of_what_was_there(user, told, watchful, database):
    first = told()
    assert ids(digest_of(database, user)) == [first.id]
    happen(database, "public_battle_viewed", {"battle_id": first.id}, user)
    second = told()
    assert ids(digest_of(database, user)) == [second.id]
    assert database.count("weekly_digests") == 1
