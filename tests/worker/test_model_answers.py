"""What a model wrote is stored, and never how it got there: each golden answer as a draft, as a
reply, as a thread's summary and as a persona's digest."""
from collections import Counter

import pytest

from support.model_answers import GOLDEN, assert_no_leak, numbered
from support.people import sign_up
from support.program import Api, Worker, run
from support.queue import speaking_to, spread_jobs
from support.waiting import eventually

TEXTS = Counter(golden.text for golden in GOLDEN if golden.text)
REFUSED = len(GOLDEN) - TEXTS.total()
ONCE = {"JOB_MAX_ATTEMPTS": 1, "LLM_BREAKER_FAILURES": 1000}


def stored(database, column, table):
    return Counter(row["text"] for row in database.rows(f"SELECT {column} AS text FROM {table}"))


def wait_for_jobs(database, type):
    eventually(lambda: database.value("SELECT count(*) FROM jobs WHERE job_type = %s AND status IN ('DONE', 'FAILED')",
                                      type) == len(GOLDEN), within=60)


def start_worker(database, start, provider, of):
    """A worker for jobs of one type: those that its work makes due would take answers, too."""
    for type in {"generate_reply", "summarize_thread", "persona_digest"} - {of}:
        assert run("queue", "pause", type, DATABASE_URL=database.url).returncode == 0
    worker = start(Worker, **speaking_to(provider), **ONCE, WORKER_POLL_EVERY="100ms")
    worker.expect_errors("job_failed_permanently")


def test_replies_are_the_texts_alone(user, database, start, provider):
    provider.default = numbered
    spread_jobs(database, user, len(GOLDEN))
    start_worker(database, start, provider, "generate_reply")
    wait_for_jobs(database, "generate_reply")
    assert stored(database, "content", "replies") == TEXTS
    assert database.count("jobs", status="FAILED") == REFUSED
    assert_no_leak(database)


def test_summaries_are_the_texts_alone(user, database, start, provider):
    provider.default = numbered
    spread_jobs(database, user, len(GOLDEN))
    database.execute("UPDATE jobs SET job_type = 'summarize_thread', persona_id = NULL")
    start_worker(database, start, provider, "summarize_thread")
    wait_for_jobs(database, "summarize_thread")
    assert stored(database, "summary", "thread_summaries") == TEXTS
    assert_no_leak(database)


def test_digests_are_the_texts_alone(user, database, start, provider):
    """Where there is none, a sentence of our own stands in."""
    provider.default = numbered
    for number in range(1, len(GOLDEN) + 1):
        user.persona(name=f"Persona {number}")
    database.execute("INSERT INTO persona_activity_events (persona_id, type, metadata) "
                     "SELECT id, 'reply_generated', '{}' FROM personas")
    start_worker(database, start, provider, "persona_digest")
    eventually(lambda: database.count("persona_digests") == len(GOLDEN), within=60)
    kept = stored(database, "summary", "persona_digests")
    assert kept & TEXTS == TEXTS
    assert_no_leak(database)


@pytest.mark.parametrize("stream", ["never", "always"])
def test_drafts_are_the_texts_alone(stream, database, start, provider):
    api = start(Api, **speaking_to(provider), OPENAI_STREAM=stream, LLM_BREAKER_FAILURES=1000, RATE_LIMIT_LLM="1000/1m")
    api.expect_errors("http_request")
    author = sign_up(api)
    persona, room = author.persona(daily_draft_quota=1000), author.room("go-backend")
    for golden in GOLDEN:
        provider.default = golden.step
        draft = author.ask_for_draft(persona, room)
        assert (draft.status_code == 201) == (golden.text is not None), (golden.name, draft.text)
        assert golden.text is None or draft.json()["content"] == golden.text, golden.name
    assert_no_leak(database)
