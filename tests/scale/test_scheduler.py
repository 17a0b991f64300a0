"""The work of scheduling grows with activity,
not with the number of personas or users."""
from datetime import timedelta

import pytest

from support.plans import rows_read
from support.program import Worker
from support.waiting import eventually

PEOPLE, ACTIVE = 100_000, 1_000
BATCH = 200  # the scheduler's


@pytest.fixture(scope="module")
def database(database):
    """A hundred thousand people with a persona each,
    nobody due, of the last weeks' digests many."""
    database.execute("""
        WITH u AS (INSERT INTO users (email, password_hash, last_active_at, weekly_due_at)
                   SELECT 'crowd-' || n, 'x', now() - (n %% 60) * interval '1 day',
                          CASE WHEN n %% 60 < 30 THEN now() + interval '1 hour' END
                   FROM generate_series(1, %s) n RETURNING id),
             p AS (INSERT INTO personas (user_id, name) SELECT id, 'One of many' FROM u)
        INSERT INTO weekly_digests (user_id, week_start, updated_at)
        SELECT id, this_monday(), now() - interval '1 day' FROM u LIMIT 50000""", PEOPLE)
    database.execute("ANALYZE users, personas, weekly_digests")
    return database


@pytest.mark.parametrize("batch", [BATCH, ACTIVE])
def test_a_turn_reads_the_rows_of_those_who_are_due(database, batch):
    database.execute("DELETE FROM jobs")
    database.execute("UPDATE users SET weekly_due_at = now(), last_active_at = now() "
                     "WHERE email LIKE 'crowd-%00'")  # one in a hundred
    with database.connect() as connection:
        read = [rows_read(connection, "weekly/schedule", batch) for _ in range(ACTIVE // batch)]
        assert database.count("jobs", job_type="weekly_digest") == ACTIVE
        assert sum(read) < 5 * ACTIVE, read
        assert rows_read(connection, "weekly/schedule", batch) <= 1  # when the next one is due
    assert database.value("SELECT count(*) FROM users WHERE weekly_due_at <= now()") == 0


def test_asking_for_a_user_costs_the_same_among_many(database):
    """A prepared statement whose plan forgot its parameters is as good."""
    database.execute("UPDATE users SET weekly_due_at = now(), last_active_at = now() "
                     "WHERE email IN ('crowd-1', 'crowd-2')")
    with database.connect() as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        assert rows_read(connection, "weekly/schedule", BATCH) < 20


def test_personas_digests_are_made_within_two_minutes_of_their_activity(database, start):
    """One persona in a hundred is active; the others cost nothing."""
    database.execute("DELETE FROM jobs")
    database.execute("""
        INSERT INTO persona_activity_events (persona_id, type)
        SELECT id, 'post_created' FROM (SELECT id FROM personas LIMIT %s) p""", ACTIVE)
    assert database.count("jobs", job_type="persona_digest") == ACTIVE
    start(Worker)
    eventually(lambda: database.count("persona_digests") == ACTIVE, within=60, pause=0.2)
    slowest = database.value("SELECT max(d.updated_at - a.created_at) FROM persona_digests d "
                             "JOIN persona_activity_events a USING (persona_id)")
    assert slowest < timedelta(minutes=2)
    assert database.value("SELECT count(DISTINCT persona_id) FROM jobs WHERE job_type = 'persona_digest'") == ACTIVE
