"""Digests: what the API shows of a persona's day.
The worker's part is in tests/worker."""
import json
from datetime import datetime, timedelta, timezone

import pytest

DIGEST = {"persona_id", "date", "summary", "stats", "has_activity", "updated_at"}


def today():
    return datetime.now(timezone.utc).date()


def digest(user, persona, which):
    answer = user.get(f"/personas/{persona.id}/digest/{which}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def store(database, persona, date, posts=1, replies=2, top_threads=(), summary="A day."):
    stats = json.dumps({"posts": posts, "replies": replies, "top_threads": list(top_threads)})
    database.execute("INSERT INTO persona_digests (persona_id, date, summary, stats) VALUES (%s, %s, %s, %s)",
                     persona.id, date, summary, stats)


@pytest.mark.parametrize("which", ["today", "latest"])
def test_without_a_digest_there_is_an_empty_one(user, persona, which):
    answer = digest(user, persona, which)
    assert answer["exists"] is False
    empty = answer["digest"]
    assert set(empty) <= DIGEST and DIGEST - set(empty) <= {"updated_at"}
    assert (empty["persona_id"], empty["date"], empty["has_activity"]) == (persona.id, today().isoformat(), False)
    assert empty["stats"] == {"posts": 0, "replies": 0, "top_threads": []}
    assert isinstance(empty["summary"], str)


def test_todays_digest_is_of_the_utc_day(user, persona, database):
    store(database, persona, today() - timedelta(days=1), summary="Yesterday.")
    assert digest(user, persona, "today")["exists"] is False
    store(database, persona, today(), summary="Bugün 🦊.")
    answer = digest(user, persona, "today")
    assert answer["exists"] is True
    shown = answer["digest"]
    assert set(shown) == DIGEST
    assert (shown["persona_id"], shown["date"], shown["summary"],
            shown["has_activity"]) == (persona.id, today().isoformat(), "Bugün 🦊.", True)
    assert (shown["stats"]["posts"], shown["stats"]["replies"], shown["stats"]["top_threads"]) == (1, 2, [])
    assert shown["updated_at"].endswith("Z")


def test_the_latest_digest_is_the_newest_day(user, persona, database):
    for days in (3, 1, 2):
        store(database, persona, today() - timedelta(days=days), summary=f"{days} days ago.")
    assert digest(user, persona, "latest")["digest"]["summary"] == "1 days ago."
    assert digest(user, persona, "latest")["exists"] is True


THREAD = {"post_preview": "Somebody else's post", "activity_count": 1}


@pytest.mark.parametrize("posts, replies, threads, active",
                         [(0, 0, [], False), (1, 0, [], True), (0, 1, [], True), (0, 0, [THREAD], True)])
def test_activity_is_any_count_above_zero(user, persona, database, posts, replies, threads, active):
    store(database, persona, today(), posts, replies, threads)
    assert digest(user, persona, "today")["digest"]["has_activity"] is active


def test_a_digest_written_by_hand_with_empty_stats_breaks_nothing(user, persona, database):
    database.execute("INSERT INTO persona_digests (persona_id, date, summary, stats) "
                     "VALUES (%s, %s, 'By hand.', '{}')", persona.id, today())
    shown = digest(user, persona, "today")["digest"]
    assert shown["stats"] == {"posts": 0, "replies": 0, "top_threads": []}
    assert shown["has_activity"] is False


def test_top_threads_are_shown_with_their_room_while_it_exists(user, persona, room, database):
    post = user.publish(persona, room)
    thread = {"post_id": post.id, "room_id": room.id, "room_name": room.name, "post_preview": "A preview",
              "activity_count": 2,
              "last_activity_at": "2026-01-02T03:04:05Z"}
    store(database, persona, today(), top_threads=[thread])
    assert digest(user, persona, "today")["digest"]["stats"]["top_threads"] == [thread]
    database.execute("DELETE FROM rooms WHERE id = %s", room.id)
    (shown,) = digest(user, persona, "today")["digest"]["stats"]["top_threads"]
    assert shown == {name: value for name, value in thread.items() if not name.startswith("room_")}
