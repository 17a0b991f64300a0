"""A thread's summary: made by the worker alone, once for all readers, and served at once."""
import itertools
import json

from fakes.openai import answer, hang
from support.exposition import Page
from support.program import Worker
from support.queue import failed_once, speaking_to, write_job
from support.waiting import eventually, in_parallel

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


def test_a_summary_is_made_once_for_all_readers_and_then_served(user, post, worker):
    summaries = {thread.ai_summary for thread in in_parallel(10, lambda: user.thread(post))}
    assert len(summaries) == 1 and summaries != {"Thread summary unavailable right now."}
    assert user.thread(post).ai_summary_status == "fresh"
    assert Page(worker.metrics()).value("llm_requests_total", operation="thread_summary") == 1


def test_a_stale_summary_is_served_at_once_and_refreshed(user, post, database, start, provider):
    numbers = itertools.count(1)
    provider.default = answer(lambda request: f"Text {next(numbers)}.", delay=0.3)
    start(Worker, **speaking_to(provider))
    first = eventually(lambda: (thread := user.thread(post)).ai_summary_status == "fresh" and thread, within=10)
    database.execute("INSERT INTO replies (post_id, user_id, authored_by, content) VALUES (%s, %s, 'HUMAN', 'News.')",
                     post.id, user.id)
    stale = user.thread(post)
    assert (stale.ai_summary, stale.ai_summary_status) == (first.ai_summary, "stale")
    refreshed = eventually(lambda: (thread := user.thread(post)).ai_summary_status == "fresh" and thread, within=10)
    assert refreshed.ai_summary != first.ai_summary
    assert len(provider.requests) == 2


def test_a_refresh_asked_for_while_one_runs_is_done_after_it(user, post, database, start, provider):
    provider.play(hang())
    start(Worker, **speaking_to(provider))
    user.thread(post)
    eventually(lambda: provider.in_flight == 1)
    database.execute("INSERT INTO replies (post_id, user_id, authored_by, content) "
                     "VALUES (%s, %s, 'HUMAN', 'News of the moment.')", post.id, user.id)
    in_parallel(5, lambda: user.thread(post))
    assert database.count("jobs", job_type="summarize_thread", post_id=post.id) == 1
    provider.release()
    eventually(lambda: user.thread(post).ai_summary_status == "fresh", within=10)
    assert len(provider.requests) == 2
    assert "News of the moment." not in provider.requests[0].user and "News of the moment." in provider.requests[1].user


def test_a_long_summary_is_cut(user, post, start, provider):
    provider.default = answer("Bu bir cümle 🦊. " * 100)
    start(Worker, **speaking_to(provider))
    thread = eventually(lambda: (thread := user.thread(post)).ai_summary_status == "fresh" and thread, within=10)
    assert len(thread.ai_summary) <= 400 and thread.ai_summary.endswith("🦊.")


def test_a_summary_of_no_post_fails_for_good(watchful, database):
    failed_once(watchful, database, None, "post",
                write_job(database, type="summarize_thread", payload=json.dumps({"post_id": NOBODY})))
