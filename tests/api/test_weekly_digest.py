"""GET /digest/weekly: what the API shows of a user's week.
The worker's part is in tests/worker."""
from datetime import datetime, timedelta, timezone

import pytest
from psycopg.types.json import Jsonb

from support.people import made

MONDAY = (lambda today: today - timedelta(days=today.weekday()))(datetime.now(timezone.utc).date())


def item(n=1):
    return {"battle_id": f"00000000-0000-4000-8000-{n:012}", "room_id": "00000000-0000-4000-8000-000000000000",
            "room_name": "Room", "topic": "A topic",
            "summary": "One sentence.", "score": 12.5, "created_at": "2026-01-02T03:04:05Z"}


def store(database, user, weeks_ago, items):
    database.execute("INSERT INTO weekly_digests (user_id, week_start, items) VALUES (%s, %s, %s)", user.id,
                     MONDAY - timedelta(weeks=weeks_ago), Jsonb(items))


def weekly(user):
    return made(user.get("/digest/weekly"), 200)


def test_without_any_it_is_this_monday_and_nothing(user, other, database):
    store(database, other, 0, [item()])
    answer = weekly(user)
    assert set(answer) == {"digest", "exists", "is_current_week"}
    assert (answer.exists, answer.is_current_week) == (False, False)
    assert answer.digest.pop("generated_at").endswith("Z")
    assert answer.digest == {"week_start": MONDAY.isoformat(), "items": []}


def test_this_weeks(user, database):
    for weeks_ago in (2, 0, 1):
        store(database, user, weeks_ago, [item(weeks_ago)])
    answer = weekly(user)
    assert (answer.exists, answer.is_current_week) == (True, True)
    assert (answer.digest["week_start"], answer.digest["items"]) == (MONDAY.isoformat(), [item(0)])


def test_else_the_latest(user, database):
    for weeks_ago in (5, 2, 3):
        store(database, user, weeks_ago, [item(weeks_ago)])
    database.execute("UPDATE weekly_digests SET updated_at = '2026-02-03T04:05:06Z' WHERE user_id = %s", user.id)
    answer = weekly(user)
    assert (answer.exists, answer.is_current_week) == (True, False)
    assert answer.digest == {"week_start": (MONDAY - timedelta(weeks=2)).isoformat(),
                             "generated_at": "2026-02-03T04:05:06.000000Z", "items": [item(2)]}


def test_a_week_to_come_is_not_shown_yet(user, database):
    store(database, user, -1, [item(1)])
    assert weekly(user).exists is False
    store(database, user, 1, [item(2)])
    assert weekly(user).digest["items"] == [item(2)]


@pytest.mark.parametrize("items, shown", [([], []), ([item(n) for n in range(5)], [item(n) for n in range(3)]),
                                          ({}, []), ("x", []), (None, []),
                                          ([1, None, item(1), []], [item(1)])])
def test_at_most_three_items_whatever_somebody_wrote(user, database, items, shown):
    store(database, user, 0, items)
    assert weekly(user).digest["items"] == shown


def test_who_is_gone_has_no_digest(user, database):
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    assert (user.get("/digest/weekly").status_code,
            user.get("/digest/weekly").json()["error"]) == (401, "invalid token")
