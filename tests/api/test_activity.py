"""An authenticated request records that its user is active,
at most hourly, and at nobody's expense."""
import re
import uuid
from datetime import timedelta

import pytest

from support import tokens
from support.exposition import Page
from support.openapi import route_table
from support.people import User, new_email
from support.postgres import Cluster
from support.program import Api, prepared
from support.waiting import eventually, in_parallel

HOUR = timedelta(hours=1)


def write_user(database, api, last_active="2 hours", due="1 hour"):
    """Somebody with a token whom no process has seen yet;
    last active so long ago, due for a digest in so long."""
    email = new_email()
    id = str(database.value("INSERT INTO users (email, password_hash, last_active_at, weekly_due_at) "
                            "VALUES (%s, 'x', now() - %s::interval, now() + %s::interval) "
                            "RETURNING id", email, last_active, due))
    return User(api, email, None, tokens.token(tokens.claims_for(id)), id)


def active_ago(database, user):
    return database.value("SELECT now() - last_active_at FROM users WHERE id = %s", user.id)


def is_recorded(database, user):
    ago = active_ago(database, user)
    return ago is not None and ago < timedelta(minutes=1)


def statements(api):
    return Page(api.metrics()).value("db_query_duration_seconds_count", query="users/active")


@pytest.fixture
def single(start):
    """An API of one thread, which therefore knows what it has recorded."""
    return start(Api, API_THREADS=1)


@pytest.mark.parametrize("method, pattern", route_table(), ids=" ".join)
def test_a_request_to_any_route_counts(api, database, method, pattern):
    user = write_user(database, api)
    user.request(method, re.sub(r"\{slug\}", "nobody", pattern.replace("{id}", str(uuid.uuid4()))), json={})
    eventually(lambda: is_recorded(database, user))


def test_who_was_never_seen_is_recorded_too(api, database):
    user = write_user(database, api, last_active=None)
    user.get("/rooms")
    eventually(lambda: is_recorded(database, user))


def test_one_who_was_active_in_the_hour_is_left_alone(single, database):
    """Records of one thread go in order: when the second user's is there, the first's would be."""
    recent, stale = write_user(database, single, "59 minutes"), write_user(database, single, "61 minutes")
    recent.get("/rooms")
    stale.get("/rooms")
    eventually(lambda: is_recorded(database, stale))
    assert 59 * HOUR / 60 <= active_ago(database, recent) < HOUR


def test_further_requests_cost_no_statement(single, database):
    user = write_user(database, single)
    user.get("/rooms")
    eventually(lambda: is_recorded(database, user))
    before = statements(single)
    in_parallel(10, lambda: user.get("/rooms"))
    other = write_user(database, single)
    other.get("/rooms")
    eventually(lambda: is_recorded(database, other))
    assert statements(single) == before + 1


def test_many_users_are_recorded_together(single, database):
    users = [write_user(database, single) for _ in range(100)]
    in_parallel(20, lambda: [user.get("/rooms") for user in users])
    eventually(lambda: all(is_recorded(database, user) for user in users))


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_nobody_is_not_recorded(single, database, headers):
    before = statements(single)
    single.client.get("/rooms", headers=headers)
    user = write_user(database, single)
    user.get("/rooms")
    eventually(lambda: is_recorded(database, user))
    assert statements(single) == before + 1


def test_who_comes_back_is_due_for_a_digest_and_who_is_due_stays_so(api, database):
    back, here = write_user(database, api, "40 days", due=None), write_user(database, api)
    due = database.value("SELECT weekly_due_at FROM users WHERE id = %s", here.id)
    for user in (back, here):
        user.get("/rooms")
        eventually(lambda: is_recorded(database, user))
    assert database.value("SELECT now() - weekly_due_at FROM users WHERE id = %s", back.id) < timedelta(minutes=1)
    assert database.value("SELECT weekly_due_at FROM users WHERE id = %s", here.id) == due


def test_a_user_whose_row_is_held_is_recorded_when_it_is_free(single, database):
    """Without another request; nobody else waits for it."""
    user, other = write_user(database, single), write_user(database, single)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM users WHERE id = %s FOR UPDATE", [user.id])
        before = statements(single)
        assert user.get("/rooms").status_code == 200
        eventually(lambda: statements(single) > before + 1, within=2)  # it doesn't wait for the row
        assert other.get("/rooms").status_code == 200
        eventually(lambda: is_recorded(database, other))
        assert not is_recorded(database, user)
        holder.rollback()
    eventually(lambda: is_recorded(database, user))


def test_a_database_that_is_away_is_told_at_a_later_request():
    with Cluster() as cluster:
        database = prepared(cluster)
        with Api(database.url, API_THREADS=1) as api:
            api.expect_errors("http_request")
            user = write_user(database, api)
            cluster.stop()
            eventually(lambda: user.get("/rooms").status_code == 503)
            cluster.start()
            eventually(lambda: user.get("/rooms").status_code == 200 and is_recorded(database, user), within=10)
