"""What a worker claims, and when: beside what was claimed before,
with full hands, and with a type paused."""
import time

import pytest

from support.exposition import Page
from support.program import Worker
from support.queue import is_settled, job_of, replied_once, spread_jobs, unfinished, write_job
from support.waiting import eventually


def status_of(database, job_id):
    return database.value("SELECT status::text FROM jobs WHERE id = %s", job_id)


def pause(database, type, until="NULL"):
    database.execute(f"INSERT INTO settings (key, value, expires_at) VALUES (%s, 'true', {until})",
                     f"queue.pause.{type}")


@pytest.mark.parametrize("due", ["2001-01-01T00:00:00Z", "1960-01-01T00:00:00Z"])
def test_a_job_due_before_what_was_claimed_last_is_found_by_the_poll(watchful, database, due):
    """Written by hand, or committed late by a long transaction:
    below the mark that claims read from."""
    watchful.expect_errors("job_failed_permanently")
    latest = write_job(database, type="knit_sweater")
    eventually(lambda: status_of(database, latest) == "FAILED")
    early = write_job(database, type="knit_sweater", available_at=due)
    eventually(lambda: status_of(database, early) == "FAILED")


# Where it is asked from within jobs/next_due, which is told by what that answers.
SLOW_LOOK = """
    CREATE OR REPLACE FUNCTION paused_priorities() RETURNS int[] LANGUAGE plpgsql STABLE AS $$
    BEGIN
        IF current_query() LIKE '%%due_in_ms%%' THEN PERFORM pg_sleep(3); END IF;
        RETURN '{}';
    END $$"""
LOOKS = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
         "AND wait_event = 'PgSleep'")


def test_a_slow_look_at_what_waits_keeps_no_job_waiting(user, post, database, start):
    """As beside very many dead rows, which a long transaction keeps:
    claims and briefs don't queue up behind it."""
    database.execute(SLOW_LOOK)
    start(Worker, WORKER_POLL_EVERY="100ms")
    times = []
    for persona in [user.persona() for _ in range(4)]:
        eventually(lambda: database.value(LOOKS))
        began = time.monotonic()
        user.ask_for_replies(post, persona)
        eventually(lambda: database.count("replies", persona_id=persona.id))
        times.append(time.monotonic() - began)
    assert max(times) < 2


def test_a_worker_with_full_hands_takes_expired_leases_back(user, database, start):
    """The poll comes however often jobs end and are claimed in between."""
    expired = write_job(database, type="knit_sweater", status="PROCESSING", lease_until="2026-01-01T00:00:00Z",
                        available_at="2026-01-01T00:00:00Z")
    spread_jobs(database, user, 400)
    worker = start(Worker, WORKER_CONCURRENCY=2, MOCK_LLM_LATENCY="20ms", WORKER_POLL_EVERY="300ms")
    worker.log.wait_for("job_started", count=50)
    late = write_job(database, type="knit_sweater", status="PROCESSING", lease_until="2026-01-01T00:00:00Z",
                     available_at="2026-01-01T00:00:00Z")
    worker.expect_errors("job_failed_permanently")
    for job_id in (expired, late):
        worker.log.wait_for("job_lease_expired", job_id=job_id)
        eventually(lambda: status_of(database, job_id) == "FAILED")
    assert unfinished(database) > 0


@pytest.mark.parametrize("type", ["generate_reply", "summarize_thread", "persona_digest"])
def test_a_paused_type_waits_and_the_others_go_on(user, post, persona, database, start, type):
    pause(database, type)
    waits = write_job(database, type=type, post=post if type != "persona_digest" else None,
                      persona=persona if type != "summarize_thread" else None)
    others = [write_job(database, type=other, post=other != "persona_digest" and post or None,
                        persona=other != "summarize_thread" and persona or None)
              for other in ("generate_reply", "summarize_thread", "persona_digest") if other != type]
    worker = start(Worker, WORKER_POLL_EVERY="200ms")  # a reply asks for a digest itself
    for job_id in others:
        worker.log.wait_for("job_completed", job_id=job_id)
    assert status_of(database, waits) == "PENDING" and not worker.log.find("job_started", job_id=waits)
    database.execute("DELETE FROM settings")
    worker.log.wait_for("job_completed", job_id=waits)


def test_a_pause_ends_by_itself(user, post, persona, database, start):
    pause(database, "generate_reply", "now() + interval '1 second'")
    worker = start(Worker, WORKER_POLL_EVERY="200ms")
    user.ask_for_replies(post, persona)
    eventually(lambda: job_of(database, post)["status"] == "DONE")
    assert replied_once(database, post, persona)
    assert database.value("SELECT (SELECT created_at FROM replies) > expires_at FROM settings")
    assert not worker.log.find("queue_statement_failed")


@pytest.mark.parametrize("value", ["false", "", "TRUE "])
def test_only_true_pauses(post, persona, database, start, value):
    database.execute("INSERT INTO settings (key, value) VALUES ('queue.pause.generate_reply', %s), ('queue.pause.', "
                     "'true')", value)
    job_id = write_job(database, post=post, persona=persona)
    start(Worker, WORKER_POLL_EVERY="200ms")
    eventually(lambda: status_of(database, job_id) == "DONE")


def test_jobs_that_only_the_poll_finds_are_counted(user, database, start):
    """A row that somebody wrote by hand wakes nobody; what the program asks for does."""
    worker = start(Worker, WORKER_POLL_EVERY="500ms")
    name, author, persona = "jobs_started_by_poll_total", user.persona(), user.persona()
    published = user.publish(author, user.room("go-backend"))
    user.ask_for_replies(published, persona)
    eventually(lambda: len(user.thread(published)["replies"]) == 1)
    eventually(lambda: is_settled(database), within=20)
    assert Page(worker.metrics()).value(name) == 0
    write_job(database, "knit_sweater", available_at="2001-01-01Z")
    worker.expect_errors("job_failed_permanently")
    eventually(lambda: Page(worker.metrics()).value(name) == 1)
