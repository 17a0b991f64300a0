"""A job's life: whatever happens to a worker, nothing is lost and nothing is done twice."""
import signal
import statistics
from collections import Counter
from datetime import datetime

import pytest

from fakes.openai import answer, empty, hang, status
from support.exposition import Page
from support.program import Worker
from support.queue import (expire_leases, failed_once, job_of, nothing_happened, replied_once, speaking_to, spread_jobs,
                           unfinished, write_job)
from support.waiting import eventually


def seconds_between(earlier, later):
    return (datetime.fromisoformat(later["ts"]) - datetime.fromisoformat(earlier["ts"])).total_seconds()


def test_a_worker_killed_in_the_middle_of_a_reply_loses_and_doubles_nothing(user, post, persona, database, start,
                                                                            provider):
    """The lease of a task of one second lasts 16:
    then another worker takes it, without anybody's help."""
    provider.play(hang())
    settings = speaking_to(provider, WORKER_TASK_TIMEOUT="1s", WORKER_POLL_EVERY="1s")
    victim = Worker(database.url, **settings).start()
    user.ask_for_replies(post, persona)
    eventually(lambda: provider.in_flight == 1)
    victim.kill()
    heir = start(Worker, **settings)
    eventually(lambda: job_of(database, post)["status"] == "DONE", within=20)
    assert replied_once(database, post, persona)
    assert job_of(database, post)["attempts"] == 2
    assert heir.log.find("job_lease_expired", job_id=job_of(database, post)["id"])
    assert Page(heir.metrics()).value("job_leases_expired_total", type="generate_reply") == 1


def test_a_worker_that_slept_past_its_lease_changes_nothing_any_more(user, post, persona, database, start):
    sleeper = start(Worker, MOCK_LLM_LATENCY="1s")
    user.ask_for_replies(post, persona)
    sleeper.log.wait_for("job_started")
    sleeper.interrupt(signal.SIGSTOP)
    try:
        expire_leases(database)
        start(Worker, WORKER_POLL_EVERY="200ms")
        eventually(lambda: job_of(database, post)["status"] == "DONE", within=10)
        before = job_of(database, post)
    finally:
        sleeper.interrupt(signal.SIGCONT)
    eventually(lambda: Page(sleeper.metrics()).value("llm_in_flight") == 0)
    sleeper.stop()
    assert replied_once(database, post, persona)
    assert job_of(database, post) == before
    assert not sleeper.log.find("job_completed")


def test_a_worker_that_slept_past_its_lease_cannot_finish_for_the_one_who_has_it_now(user, post, persona, database,
                                                                                     start):
    sleeper = start(Worker, MOCK_LLM_LATENCY="500ms")
    user.ask_for_replies(post, persona)
    sleeper.log.wait_for("job_started")
    sleeper.interrupt(signal.SIGSTOP)
    try:
        expire_leases(database)
        heir = start(Worker, WORKER_POLL_EVERY="200ms", MOCK_LLM_LATENCY="2s")
        heir.log.wait_for("job_started")
    finally:
        sleeper.interrupt(signal.SIGCONT)
    sleeper.stop()
    assert not sleeper.log.find("job_completed")
    assert job_of(database, post)["status"] == "PROCESSING"
    heir.log.wait_for("job_completed")
    assert replied_once(database, post, persona)


def test_an_expired_lease_is_taken_back_however_busy_the_worker_is(user, database, start):
    """Its claims follow each other without a pause; the look at leases isn't put off by them."""
    spread_jobs(database, user, 1500)
    worker = start(Worker, WORKER_POLL_EVERY="200ms", WORKER_CONCURRENCY=8, MOCK_LLM_LATENCY="20ms")
    worker.log.wait_for("job_completed", count=20)
    job_id = write_job(database, type="knit_sweater", status="PROCESSING", attempts=1, locked_at="2026-01-01T00:00:00Z",
                       locked_by="gone",
                       lease_until="2026-01-01T00:01:00Z")
    worker.log.wait_for("job_lease_expired", within=2, job_id=job_id)
    assert unfinished(database) > 100


def test_at_its_last_attempt_an_expired_lease_is_a_failure(user, post, persona, database, start):
    job_id = write_job(database, post=post, persona=persona, status="PROCESSING", attempts=3,
                       locked_at="2026-01-01T00:00:00Z", locked_by="gone",
                       lease_until="2026-01-01T00:01:00Z")
    worker = start(Worker, WORKER_POLL_EVERY="200ms", JOB_MAX_ATTEMPTS=3)
    worker.expect_errors("job_failed_permanently", "job_lease_expired")
    eventually(lambda: job_of(database, post)["status"] == "FAILED")
    assert job_of(database, post)["error"] == "lease expired"
    worker.log.wait_for("job_lease_expired", job_id=job_id)
    nothing_happened(database, persona)


def test_a_failure_is_retried_with_growing_waits_until_the_last_attempt(user, post, persona, database, start):
    worker = start(Worker, MOCK_LLM_FAILURE="status_500", MOCK_LLM_FAILURE_RATE="1", JOB_RETRY_BASE="1s",
                   JOB_MAX_ATTEMPTS="3")
    worker.expect_errors("job_failed_permanently")
    user.ask_for_replies(post, persona)
    failed = worker.log.wait_for("job_failed_permanently", within=15)
    retrying = worker.log.find("job_failed_retrying")
    starts = worker.log.find("job_started")
    assert [line["attempt"] for line in starts] == [1, 2, 3]
    assert [line["attempt"] for line in retrying] == [1, 2]
    assert all(line["error"] for line in [*retrying, failed])
    waits = [seconds_between(failure, start) for failure, start in zip(retrying, starts[1:])]
    assert 0.95 <= waits[0] <= 1.2 + 0.5 and 1.55 <= waits[1] <= 2.4 + 0.5, waits
    job = eventually(lambda: (row := job_of(database, post))["status"] == "FAILED" and row)
    assert job["attempts"] == 3 and 0 < len(job["error"]) <= 500
    nothing_happened(database, persona)
    page = Page(worker.metrics())
    assert page.value("job_retries_total", type="generate_reply") == 2
    assert page.value("jobs_processed_total", type="generate_reply", status="retry") == 2
    assert page.value("jobs_processed_total", type="generate_reply", status="failed") == 1


@pytest.mark.parametrize("trouble",
                         [status(500), status(401), status(403), status(404), empty(), status(429, retry_after="1")],
                         ids=["500", "401", "403", "404", "empty", "429"])
def test_passing_trouble_costs_an_attempt_and_nothing_else(user, post, persona, database, start, provider, trouble):
    """401, 403 and 404 are wrong settings, not bad jobs: retried too."""
    provider.play(trouble)
    worker = start(Worker, **speaking_to(provider, JOB_RETRY_BASE="1s"))
    user.ask_for_replies(post, persona)
    eventually(lambda: job_of(database, post)["status"] == "DONE", within=10)
    assert job_of(database, post)["attempts"] == 2
    assert replied_once(database, post, persona)
    assert len(worker.log.find("job_failed_retrying")) == 1


def test_retry_after_is_a_floor_for_the_next_attempt(user, post, persona, database, start, provider):
    provider.play(status(429, retry_after="60"))
    worker = start(Worker, **speaking_to(provider, JOB_RETRY_BASE="1s"))
    user.ask_for_replies(post, persona)
    eventually(lambda: len(provider.requests) == 1)
    eventually(lambda: job_of(database, post)["status"] == "PENDING")
    wait = database.value("SELECT extract(epoch FROM available_at - now())::float FROM jobs WHERE post_id = %s",
                          post.id)
    assert 55 < wait < 75
    assert worker.client.get("/healthz").status_code == 200


def test_an_unsupported_type_fails_for_good(watchful, database):
    failed_once(watchful, database, None, "unsupported job type: knit_sweater",
                write_job(database, type="knit_sweater"))


def test_a_task_that_hangs_is_ended_and_retried(user, post, persona, database, start, provider):
    provider.play(hang())
    worker = start(Worker, **speaking_to(provider, WORKER_TASK_TIMEOUT="1s", JOB_RETRY_BASE="1s"))
    user.ask_for_replies(post, persona)
    retrying = worker.log.wait_for("job_failed_retrying", within=15)
    assert retrying["latency_ms"] <= 8000, "it hangs for ever"
    eventually(lambda: job_of(database, post)["status"] == "DONE", within=10)
    assert replied_once(database, post, persona)


def test_a_committed_job_starts_at_once(api, user, start):
    """By notification alone: the poll is half a minute away.
    The promise is 50 ms; sanitizers and a busy machine get some more."""
    worker = start(Worker, WORKER_POLL_EVERY="30s")
    room = user.room("go-backend")
    waits = []
    for n in range(7):
        persona = user.persona(name=f"Persona {n}")
        post = user.publish(persona, room)
        asked = f"wake-up-{n}"
        user.post(f"/posts/{post.id}/generate-replies", json={"persona_ids": [persona.id]},
                  headers={"X-Request-Id": asked})
        started = worker.log.wait_for("job_started", request_id=asked, job_type="generate_reply")
        waits.append(seconds_between(api.log.wait_for("http_request", request_id=asked), started))
        worker.log.wait_for("job_completed", request_id=asked, job_type="generate_reply")
    assert statistics.median(waits) < 1, waits


def test_the_poll_finds_what_no_notification_told(post, persona, watchful, database):
    write_job(database, post=post, persona=persona)
    eventually(lambda: job_of(database, post)["status"] == "DONE")


def test_a_job_that_is_due_later_waits(post, persona, watchful, database):
    job_id = write_job(database, post=post, persona=persona, available_at="2100-01-01T00:00:00Z")
    first = write_job(database, type="knit_sweater")
    failed_once(watchful, database, None, "unsupported", first)
    assert database.value("SELECT status FROM jobs WHERE id = %s", job_id) == "PENDING"


def test_two_workers_never_claim_one_job_twice(user, database, start):
    persona = spread_jobs(database, user, 120)
    workers = [start(Worker, WORKER_POLL_EVERY="100ms", WORKER_CONCURRENCY=4, MOCK_LLM_LATENCY="20ms")
               for _ in range(2)]
    eventually(lambda: unfinished(database) == 0, within=40)
    assert database.count("replies", persona_id=persona.id) == 120
    assert database.count("quota_events", persona_id=persona.id, quota_type="reply") == 120
    for worker in workers:
        worker.stop()
    started = Counter(line["job_id"] for worker in workers
                      for line in worker.log.find("job_started") if line["job_type"] == "generate_reply")
    assert len(started) == 120 and set(started.values()) == {1}
    assert all(worker.log.find("job_started") for worker in workers)


def test_many_jobs_run_at_a_time_but_not_more_than_allowed(user, database, start, provider):
    provider.default = answer(delay=0.2)
    spread_jobs(database, user, 20)
    start(Worker, **speaking_to(provider, WORKER_POLL_EVERY="100ms", WORKER_CONCURRENCY=5))
    eventually(lambda: unfinished(database) == 0, within=20)
    assert provider.most_in_flight == 5



def test_sigterm_finishes_what_runs_and_claims_nothing_more(user, database, start):
    spread_jobs(database, user, 6)
    worker = start(Worker, WORKER_POLL_EVERY="100ms", WORKER_CONCURRENCY=2, MOCK_LLM_LATENCY="700ms")
    worker.log.wait_for("job_started", count=2)
    worker.expect_errors("http_request")
    worker.interrupt()
    eventually(lambda: worker.readiness() == (503, {"ok": False, "error": "shutting down"}))
    worker.wait_for_end()
    assert worker.log.find("worker_stopped")
    found = Counter((row["status"], row["attempts"]) for row in database.rows(
        "SELECT status::text, attempts FROM jobs WHERE job_type = 'generate_reply'"))
    assert found == {("DONE", 1): 2, ("PENDING", 0): 4}


def test_what_outlives_the_drain_is_handed_back_unattempted(user, database, start):
    persona = spread_jobs(database, user, 3)
    worker = start(Worker, WORKER_POLL_EVERY="100ms", MOCK_LLM_LATENCY="12s", WORKER_DRAIN_TIMEOUT="500ms")
    worker.log.wait_for("job_started", count=3)
    worker.stop()
    found = database.rows("SELECT status::text, attempts, locked_by FROM jobs WHERE job_type = 'generate_reply'")
    assert found == [{"status": "PENDING", "attempts": 0, "locked_by": None}] * 3
    nothing_happened(database, persona)


def test_finished_jobs_are_deleted_after_their_time(database, start):
    database.execute("INSERT INTO jobs (job_type, status, created_at, updated_at, finished_at) "
                     "SELECT 'generate_reply', 'DONE', t, t, t "
                     "FROM (SELECT now() - interval '2 hours' AS t FROM generate_series(1, 2500)) old")
    recent = write_job(database, type="knit_sweater", status="DONE")
    start(Worker, JOB_RETENTION="1h", WORKER_POLL_EVERY="200ms")
    eventually(lambda: database.value("SELECT count(*) FROM jobs WHERE job_type = 'generate_reply'") == 0, within=20)
    assert database.count("jobs", id=recent) == 1


def test_a_blocked_database_does_not_stop_the_workers_loop(database, start):
    worker = start(Worker, WORKER_POLL_EVERY="200ms")
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        for _ in range(20):
            assert worker.client.get("/healthz", timeout=1).json() == {"ok": True}
        holder.rollback()


def test_a_lower_priority_gets_its_turn_beside_a_long_queue(user, post, database, start):
    spread_jobs(database, user, 40)
    write_job(database, type="summarize_thread", post=post)
    start(Worker, WORKER_POLL_EVERY="100ms", WORKER_CONCURRENCY=4, MOCK_LLM_LATENCY="300ms")
    eventually(lambda: job_of(database, post, "summarize_thread")["status"] == "DONE", within=10)
    assert unfinished(database) > 10


def test_a_lower_priority_leaves_a_quarter_of_the_slots_free(user, database, start):
    """Summaries fill three of four slots; a reply that comes then starts at once."""
    posts = database.rows("""INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at)
                             SELECT %s, %s, 'HUMAN', 'PUBLISHED', 'Post ' || n, now() FROM generate_series(1, 12) n
                             RETURNING id""", user.room("go-backend").id, user.id)
    for row in posts:
        write_job(database, type="summarize_thread", post_id=row["id"])
    worker = start(Worker, WORKER_POLL_EVERY="100ms", WORKER_CONCURRENCY=4, MOCK_LLM_LATENCY="2s")
    worker.log.wait_for("job_started", count=3, job_type="summarize_thread")
    spread_jobs(database, user, 1)
    worker.log.wait_for("job_started", job_type="generate_reply", within=1)
    assert len(worker.log.find("job_started", job_type="summarize_thread")) == 3
