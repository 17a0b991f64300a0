"""`generate_reply`: a reply of a persona, checked, stored and charged in one."""
import json

import pytest

from fakes.openai import answer, status
from support.exposition import Page
from support.program import Worker
from support.queue import (failed_once, job_of, nothing_happened, replied_once, speaking_to, spread_jobs, unfinished,
                           write_job)
from support.waiting import eventually

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


def test_a_reply_is_generated_checked_and_stored(user, post, persona, worker, database):
    answer = user.post(f"/posts/{post.id}/generate-replies", json={"persona_ids": [persona.id]},
                       headers={"X-Request-Id": "the-asking-request"})
    assert answer.json()["enqueued"] == 1
    eventually(lambda: job_of(database, post)["status"] == "DONE")
    assert replied_once(database, post, persona)
    (reply,) = user.thread(post).replies
    assert (reply["persona_id"], reply["persona_name"], reply["authored_by"]) == (persona.id, persona.name, "AI")
    assert 0 < len(reply["content"]) <= 280
    activities = database.rows("SELECT metadata FROM persona_activity_events WHERE persona_id = %s", persona.id)
    assert all((row["metadata"]["post_id"], row["metadata"]["room_id"]) == (post.id, post.room_id)
               for row in activities)
    assert any(row["metadata"].get("reply_preview") for row in activities)


def test_a_job_is_told_in_the_log_and_the_metrics(user, post, persona, worker, database):
    user.post(f"/posts/{post.id}/generate-replies", json={"persona_ids": [persona.id]},
              headers={"X-Request-Id": "the-asking-request"})
    job_id = eventually(lambda: job_of(database, post)["status"] == "DONE" and job_of(database, post)["id"])
    started = worker.log.wait_for("job_started", job_id=job_id)
    completed = worker.log.wait_for("job_completed", job_id=job_id)
    for line in (started, completed):
        assert (line["job_type"], line["attempt"], line["request_id"],
                line["service"]) == ("generate_reply", 1, "the-asking-request", "worker")
    assert completed["latency_ms"] >= 0
    page = Page(worker.metrics())
    assert page.value("jobs_processed_total", type="generate_reply", status="done") == 1
    assert page.value("jobs_trace_total", type="generate_reply", status="done", trace="present") == 1
    assert page.value("job_duration_seconds_count", type="generate_reply") == 1
    assert page.value("job_wait_seconds_count", type="generate_reply") == 1
    assert page.value("llm_requests_total", operation="reply", status="ok") == 1


def test_no_persona_fails_for_good(post, watchful, database):
    failed_once(watchful, database, post, "persona not found",
                write_job(database, post=post, payload=json.dumps({"persona_id": NOBODY})))


def test_no_post_fails_for_good(persona, watchful, database):
    failed_once(watchful, database, None, "post not found",
                write_job(database, persona=persona, payload=json.dumps({"post_id": NOBODY})))
    nothing_happened(database, persona)


def test_an_unpublished_post_fails_for_good(user, post, persona, watchful, database):
    database.execute("UPDATE posts SET status = 'DRAFT' WHERE id = %s", post.id)
    failed_once(watchful, database, post, "post is not published", write_job(database, post=post, persona=persona))
    nothing_happened(database, persona)


def test_a_used_up_quota_fails_for_good(user, post, watchful, database):
    persona = user.persona(daily_reply_quota=1)
    database.execute("INSERT INTO quota_events (persona_id, quota_type) VALUES (%s, 'reply')", persona.id)
    failed_once(watchful, database, post, "daily reply quota reached", write_job(database, post=post, persona=persona))
    assert database.count("replies", persona_id=persona.id) == 0
    assert database.count("quota_events", persona_id=persona.id) == 1


def test_the_reply_quota_is_exact_under_many_workers(user, database, start):
    persona = spread_jobs(database, user, 12, daily_reply_quota=3)
    workers = [start(Worker, WORKER_POLL_EVERY="200ms", MOCK_LLM_LATENCY="100ms") for _ in range(2)]
    for worker in workers:
        worker.expect_errors("job_failed_permanently")
    eventually(lambda: unfinished(database) == 0, within=15)
    assert database.count("replies", persona_id=persona.id) == 3
    assert database.count("quota_events", persona_id=persona.id, quota_type="reply") == 3
    errors = database.rows("SELECT error FROM jobs WHERE job_type = 'generate_reply' AND status = 'FAILED'")
    assert [row["error"] for row in errors] == ["daily reply quota reached"] * 9


def test_a_text_that_fails_the_check_twice_fails_for_good(user, post, persona, database, start, provider):
    provider.default = answer("Well, fuck that.")
    worker = start(Worker, **speaking_to(provider))
    user.ask_for_replies(post, persona)
    failed_once(worker, database, post, "content failed profanity check")
    assert len(provider.requests) == 2
    nothing_happened(database, persona)


def test_a_text_that_fails_the_check_once_is_generated_again(user, post, persona, database, start, provider):
    provider.play(answer("Well, fuck that."), answer("A calmer reply 🦊."))
    start(Worker, **speaking_to(provider))
    user.ask_for_replies(post, persona)
    eventually(lambda: job_of(database, post)["status"] == "DONE")
    assert user.thread(post).replies[0]["content"] == "A calmer reply 🦊."
    assert job_of(database, post)["attempts"] == 1


@pytest.mark.parametrize("code", [400, 413, 422])
def test_a_request_that_the_provider_refuses_fails_for_good(user, post, persona, database, start, provider, code):
    provider.default = status(code)
    worker = start(Worker, **speaking_to(provider, OPENAI_MAX_RETRIES="2"))
    user.ask_for_replies(post, persona)
    failed_once(worker, database, post, "")
    assert len(provider.requests) == 1
    nothing_happened(database, persona)


def test_a_long_reply_is_cut_at_a_sentence(user, post, persona, database, start, provider):
    provider.default = answer("Bu bir cümle 🦊. " * 100)
    start(Worker, **speaking_to(provider))
    user.ask_for_replies(post, persona)
    eventually(lambda: job_of(database, post)["status"] == "DONE")
    content = user.thread(post).replies[0]["content"]
    assert len(content) <= 280 and content.endswith("🦊.")


def test_what_the_provider_is_told_for_a_reply(user, post, persona, database, start, provider):
    database.execute("INSERT INTO replies (post_id, user_id, authored_by, content) "
                     "VALUES (%s, %s, 'HUMAN', 'Said before.')", post.id, user.id)
    start(Worker, **speaking_to(provider))
    user.ask_for_replies(post, persona)
    eventually(lambda: len(provider.requests) >= 1)
    said = provider.requests[0].system + provider.requests[0].user
    for text in (persona.name, "Is it?", "Said before.", "280", "90", *persona.writing_samples):
        assert text in said, text


def test_a_job_that_meets_an_open_breaker_goes_back_unattempted(user, post, provider, database, start):
    provider.default = status(500)
    worker = start(Worker, **speaking_to(provider), LLM_BREAKER_FAILURES=1, LLM_BREAKER_COOLDOWN="1500ms",
                   JOB_RETRY_BASE="10m")
    first, second = user.persona(), user.persona()
    user.ask_for_replies(post, first)
    eventually(lambda: len(provider.requests) == 1)
    worker.log.wait_for("llm_breaker_opened")
    provider.default = answer("A reply after the trouble. Is it over?")
    user.ask_for_replies(post, second)
    back = eventually(lambda: (job := job_of(database, post))["status"] == "PENDING" and job["locked_at"] is None
                      and job["available_at"] > job["created_at"] and job)
    assert back["attempts"] == 0
    assert len(provider.requests) == 1
    eventually(lambda: replied_once(database, post, second), within=10)
    assert job_of(database, post)["attempts"] == 1
    assert database.value("SELECT attempts FROM jobs WHERE persona_id = %s AND job_type = 'generate_reply'",
                          first.id) == 1
    worker.log.wait_for("llm_breaker_closed")
