"""Levers: obeyed by every worker within a second, ending by themselves."""
import json

import pytest

from fakes.openai import hang, status
from support.levers import changes, obeyed, settings
from support.program import Worker
from support.queue import job_of, speaking_to, spread_jobs, unfinished, write_job
from support.waiting import eventually

NO_POLL = {"WORKER_POLL_EVERY": "1h"}
TYPES = ["generate_reply", "summarize_thread", "persona_digest", "weekly_digest"]


@pytest.fixture
def workers(start, provider):
    """Two that find jobs by notification alone, and whose model is the scripted provider."""
    return [start(Worker, **speaking_to(provider), **NO_POLL, LLM_BREAKER_FAILURES=100000) for _ in range(2)]


def known(workers, key, *, count=1):
    return obeyed(lambda: all(len(changes(worker, key)) == count for worker in workers))


def spread(database, user, n):
    spread_jobs(database, user, n)
    database.execute("NOTIFY jobs")


def test_slots_are_taken_away_and_given_back(workers, user, database, provider):
    provider.default = hang()
    for type in TYPES[1:]:
        settings(database, "set", f"queue.pause.{type}", "true")
    settings(database, "set", "worker.concurrency", "2")
    known(workers, "worker.concurrency")
    spread(database, user, 30)
    eventually(lambda: provider.in_flight == 4)
    settings(database, "set", "worker.concurrency", "5")
    obeyed(lambda: provider.in_flight == 10)
    settings(database, "set", "worker.concurrency", "1")
    known(workers, "worker.concurrency", count=3)
    assert provider.in_flight == 10  # what runs is finished
    provider.release()
    eventually(lambda: unfinished(database) == 20 and provider.in_flight == 2)
    provider.forget()
    settings(database, "unset", "worker.concurrency")
    obeyed(lambda: provider.in_flight == 20)
    provider.release()
    eventually(lambda: unfinished(database) == 0)


@pytest.mark.parametrize("key, value", [("job.retry_base", "2s"), ("job.retry_max", "2s")])
def test_the_next_failure_waits_as_the_lever_says(workers, user, database, provider, key, value):
    provider.default = status(500)
    settings(database, "set", key, value, "--for", "1h")
    known(workers, key)
    settings(database, "set", "worker.concurrency", "1", "--for", "1h")
    known(workers, "worker.concurrency")
    provider.default = hang()
    spread(database, user, 2)
    eventually(lambda: provider.in_flight == 2)
    provider.default = status(500)
    provider.play(status(500), status(500))
    waits = lambda: database.rows(
        "SELECT attempts, extract(epoch FROM available_at - updated_at)::float AS s FROM jobs "
        "WHERE job_type = 'generate_reply' AND error IS NOT NULL AND status = 'PENDING'")
    spread(database, user, 4)
    provider.release()
    eventually(lambda: len(waits()) >= 2)
    for worker in workers:
        worker.log.wait_for("job_failed_retrying")
    # The first may have been tried again by now.
    found = [(row["s"], 2 if key == "job.retry_max" else 2 ** row["attempts"]) for row in waits()]
    assert found and all(0.75 * wanted <= s <= 1.25 * wanted for s, wanted in found), found


@pytest.mark.parametrize("type", TYPES)
def test_a_paused_type_waits_and_is_resumed_at_once(workers, user, post, persona, database, type):
    settings(database, "set", f"queue.pause.{type}", "true")
    known(workers, f"queue.pause.{type}")
    subjects = {"generate_reply": {"post": post, "persona": persona}, "summarize_thread": {"post": post},
                "persona_digest": {"persona": persona},
                "weekly_digest": {"payload": json.dumps({"user_id": str(user.id)})}}
    waits = write_job(database, type=type, **subjects[type])
    # The reply comes last: its activity asks for a digest of the same persona.
    others = [write_job(database, type=other, **subjects[other]) for other in reversed(TYPES) if other != type]
    database.execute("NOTIFY jobs")
    started = lambda job_id: any(worker.log.find("job_started", job_id=job_id) for worker in workers)
    for job_id in others:
        eventually(lambda: started(job_id))
    assert database.value("SELECT status::text FROM jobs WHERE id = %s", waits) == "PENDING" and not started(waits)
    settings(database, "unset", f"queue.pause.{type}")
    obeyed(lambda: started(waits))
    known(workers, f"queue.pause.{type}", count=2)
    assert changes(workers[0], f"queue.pause.{type}") == [("false", "true", "set"), ("true", "false", "unset")]


def test_a_pause_that_ends_by_itself_wakes_the_workers(workers, user, post, persona, database):
    settings(database, "set", "queue.pause.generate_reply", "true", "--for", "2s")
    known(workers, "queue.pause.generate_reply")
    user.ask_for_replies(post, persona)
    eventually(lambda: job_of(database, post)["status"] == "DONE", within=4)
    assert database.value("SELECT (SELECT created_at FROM replies) BETWEEN expires_at "
                          "AND expires_at + interval '1 second' FROM settings")
    for worker in workers:
        eventually(lambda: changes(worker, "queue.pause.generate_reply")
                   == [("false", "true", "set"), ("true", "false", "expired")])


def test_the_mock_writes_while_the_provider_fails(workers, user, database, provider):
    provider.default = status(500)
    settings(database, "set", "llm.provider", "mock", "--for", "1h")
    known(workers, "llm.provider")
    spread(database, user, 10)
    eventually(lambda: unfinished(database) == 0)
    assert not provider.requests and not any(worker.log.find("job_failed_retrying") for worker in workers)


def test_a_worker_that_starts_later_obeys_as_well(database, start, provider):
    settings(database, "set", "worker.concurrency", "3", "--for", "1h")
    again = start(Worker, **speaking_to(provider))
    known([again], "worker.concurrency")
    assert changes(again, "worker.concurrency") == [("32", "3", "set")]


def test_a_value_that_cannot_be_read_changes_nothing(workers, user, database, provider):
    for key, value in [("worker.concurrency", "0"), ("job.retry_base", "soon"), ("queue.pause.generate_reply", "yes")]:
        database.execute("INSERT INTO settings (key, value) VALUES (%s, %s)", key, value)
    for worker in workers:
        obeyed(lambda: len(worker.log.find("setting_ignored")) == 3)
    spread(database, user, 10)
    eventually(lambda: unfinished(database) == 0)
    assert all(len(worker.log.find("setting_ignored")) == 3 and not worker.log.find("setting_changed")
               for worker in workers)
