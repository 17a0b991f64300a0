"""Mode 7: digests or notifications are late. A lease that nobody takes back;
a digest's row that was deleted; activity written by hand past the triggers."""
import pytest

from support.exposition import Page
from support.people import sign_up
from support.waiting import eventually

AGO = "(now() - interval '20 minutes')"


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack()


def age(stack):
    return Page(stack.api.metrics()).value("digest_age_seconds", kind="persona")


def looks_at_leases(stack):
    return Page(stack.worker.metrics()).value("db_query_duration_seconds_count", query="jobs/reclaim")


def is_ticketed(stack):
    """Nobody is woken for a digest."""
    return stack.measured('ALERTS{alertname="DigestsStale", severity="ticket", alertstate="firing"}')


def act(stack, persona, triggers=True):
    """Activity of a while ago, written by hand; `triggers=False` as a restore writes it."""
    with stack.database.connect() as connection:
        if not triggers:
            connection.execute("SET session_replication_role = replica")
        connection.execute("INSERT INTO persona_activity_events (persona_id, type, created_at) "
                           f"VALUES (%s, 'post_created', {AGO})", [persona.id])


def digest(stack, persona):
    rows = stack.database.rows("SELECT date, stats, updated_at FROM persona_digests WHERE persona_id = %s", persona.id)
    return rows and rows[0]


def digested(stack, persona):
    return eventually(lambda: digest(stack, persona), within=20)


def test_a_lease_is_stuck(stack):
    """What a worker should take back within WORKER_POLL_EVERY stays,
    as somebody has set that to ten minutes: a restart takes it back at once."""
    persona = sign_up(stack.api).persona()
    stack.deploy("worker", WORKER_POLL_EVERY="10m")
    eventually(lambda: looks_at_leases(stack) == 1, within=20)  # the one at the start
    with stack.drill("lease_stuck", page=None) as drill:
        act(stack, persona, triggers=False)
        stack.database.execute(
            "INSERT INTO jobs (job_type, persona_id, subject_date, status, attempts, locked_by, locked_at, "
            "lease_until, created_at) "
            f"VALUES ('persona_digest', %s, ({AGO} AT TIME ZONE 'UTC')::date, 'PROCESSING', 1, 'a worker that is "
            f"gone', {AGO}, {AGO} + interval '30 s', {AGO})",
            persona.id)
        drill.seen(lambda: age(stack) > 900, is_ticketed(stack))
        assert looks_at_leases(stack) == 1
        drill.remedied()
        eventually(lambda: stack.worker.log.find("job_lease_expired", job_type="persona_digest"), within=20)
        digested(stack, persona)
        stack.deploy("worker", WORKER_POLL_EVERY=None)
        eventually(stack.worker.is_ready, within=20)


def test_a_digest_was_deleted(stack):
    persona = sign_up(stack.api).persona()
    act(stack, persona)
    before = digested(stack, persona)
    with stack.drill("digests_missing", page=None) as drill:
        stack.database.execute("DELETE FROM persona_digests WHERE persona_id = %s", persona.id)
        drill.seen(lambda: age(stack) > 900, is_ticketed(stack))
        drill.remedied()
        after = digested(stack, persona)
    assert (after["date"], after["stats"]) == (before["date"], before["stats"]) and after["stats"]["posts"] == 1


def test_activity_written_by_hand(stack):
    """With its triggers it asks for its digest like any other.
    What a restore writes past them is missed, and asked for by hand."""
    one, other = (sign_up(stack.api).persona() for _ in range(2))
    act(stack, one)
    digested(stack, one)
    with stack.drill("digests_missing", page=None) as drill:
        act(stack, other, triggers=False)
        drill.seen(lambda: age(stack) > 900, is_ticketed(stack))
        drill.remedied()
        digested(stack, other)
