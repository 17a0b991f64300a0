"""GET /admin/analytics/summary."""
import pytest

from api.test_events import NAMES
from support.people import made, sign_up
from support.plans import rows_read
from support.program import Api
from support.waiting import in_parallel

ZEROES = dict.fromkeys(NAMES, 0)
FUNNEL = {"share": "battle_shared", "view": "public_profile_viewed", "signup": "signup_from_share",
          "persona": "persona_created", "battle": "battle_created"}
REMIX_FUNNEL = {"public_views": "public_battle_viewed"} | {
    name: name for name in ("remix_clicked", "remix_started", "remix_completed")}
RETENTION = {name: name for name in ("daily_return", "notification_clicked", "template_used_from_feed")}


@pytest.fixture
def database(own_database):
    """The summary counts everything."""
    return own_database


@pytest.fixture
def api(start):
    return start(Api)


def summary(user):
    return made(user.get("/admin/analytics/summary"), 200)


def write(database, name, age="0 hours", n=1):
    database.execute("INSERT INTO events (event_name, created_at) SELECT %s, now() - %s::interval "
                     "FROM generate_series(1, %s)", name, age, n)


def test_every_name_is_there(user):
    answer = summary(user)
    assert answer.pop("generated_at").endswith("Z")
    assert answer == {"last_24h": ZEROES, "last_7d": ZEROES, "funnel_7d": dict.fromkeys(FUNNEL, 0),
                      "remix_funnel_7d": dict.fromkeys(REMIX_FUNNEL, 0),
                      "retention_7d": dict.fromkeys(RETENTION, 0)}


def test_funnels_are_of_the_week_by_name(user, database):
    for n, name in enumerate(NAMES, 1):
        write(database, name, "5 days", n)
    answer, expected = summary(user), {name: n for n, name in enumerate(NAMES, 1)}
    assert (answer.last_24h, answer.last_7d) == (ZEROES, expected)
    for part, names in (("funnel_7d", FUNNEL), ("remix_funnel_7d", REMIX_FUNNEL), ("retention_7d", RETENTION)):
        assert answer[part] == {short: expected[name] for short, name in names.items()}


@pytest.mark.parametrize("age, of_day",
                         [("0 hours", 1), ("23 hours 59 minutes", 1), ("24 hours 1 second", 0), ("-1 hour", 0)])
def test_24_hours_are_exact(user, database, age, of_day):
    write(database, "daily_return", age)
    assert summary(user).last_24h["daily_return"] == of_day


@pytest.mark.parametrize("days, of_week", [(0, 1), (6, 1), (7, 0), (8, 0)])
def test_7_days_are_today_and_the_6_utc_days_before(user, database, days, of_week):
    write(database, "daily_return", f"{days} days")
    assert summary(user).last_7d["daily_return"] == of_week


def test_all_that_is_sent_and_written_counts(user, database):
    answers = in_parallel(50, lambda: user.post("/events", json={"event_name": "remix_clicked"}))
    assert {answer.status_code for answer in answers} == {202}
    write(database, "remix_clicked", n=7)
    write(database, "something else")
    answer = summary(user)
    assert (answer.last_24h["remix_clicked"], answer.last_7d["remix_clicked"],
            answer.remix_funnel_7d["remix_clicked"]) == (57, 57, 57)
    assert set(answer.last_7d) == set(NAMES)


PROD = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}


@pytest.mark.parametrize("settings, status", [
    ({}, 200), (PROD, 403), (PROD | {"ADMIN_EMAILS": "me@example.org"}, 200),
    ({"ADMIN_EMAILS": "boss@example.org"}, 403),
    ({"ADMIN_EMAILS": "a@example.org, ME@Example.org ,b@example.org"}, 200),
    ({"ADMIN_EMAILS": "x'{\",me@example.org.evil"}, 403)])
def test_who_may_see_it(start, database, settings, status):
    """With a verified address; more in ops/test_admin.py."""
    api = start(Api, **settings)
    user = sign_up(api, "me@example.org")
    database.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", user.id)
    answer = user.get("/admin/analytics/summary")
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"] == "not allowed"


def test_nobody_and_who_is_gone(api, user, database):
    assert api.client.get("/admin/analytics/summary").status_code == 401
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    answer = user.get("/admin/analytics/summary")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")


def test_nothing_is_counted_for_who_may_not_see_it(user, database):
    write(database, "daily_return", n=1000)
    database.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", user.id)
    with database.connect() as connection:
        not_allowed, allowed = (rows_read(connection, "analytics/summary", user.id, admin, "{daily_return}")
                                for admin in ("boss@example.org", user.email))
    assert not_allowed < 10 and allowed >= 1000


def test_its_cost_does_not_grow_with_the_table(database):
    """Whatever lies behind the last day isn't read again."""
    database.execute("INSERT INTO events (event_name, created_at) "
                     "SELECT 'daily_return', now() - interval '3 days' - n * interval '1 second' "
                     "FROM generate_series(1, 50000) n")
    database.execute("VACUUM ANALYZE events")
    plan = "\n".join(row["QUERY PLAN"] for row in database.rows(
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT count(*) FROM events e WHERE e.event_name = 'daily_return' "
        "AND e.created_at > now() - interval '24 hours' AND e.created_at <= now()"))
    assert "events_by_name" in plan and "rows=0" in plan
    assert database.value("SELECT count(*) FROM event_counts") < 10
