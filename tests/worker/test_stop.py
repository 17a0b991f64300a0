"""A worker that is told to go in full work finishes what it can,
hands back the rest, and costs no job an attempt."""
import signal
import time
from collections import Counter

from fakes.openai import hang
from support.faults import FaultProxy
from support.program import Worker
from support.queue import expire_leases, nothing_happened, speaking_to, spread_jobs, unfinished
from support.waiting import eventually

BUSY = {"WORKER_POLL_EVERY": "100ms", "WORKER_CONCURRENCY": 8, "MOCK_LLM_LATENCY": "50ms"}


def ends(database):
    return Counter((row["status"], row["attempts"]) for row in database.rows(
        "SELECT status::text, attempts FROM jobs WHERE job_type = 'generate_reply'"))


def left_with_a_lease(database):
    return database.value("SELECT count(*) FROM jobs WHERE locked_by IS NOT NULL OR lease_token IS NOT NULL "
                          "OR lease_until IS NOT NULL")


def starts(workers, msg="job_started"):
    return Counter(line["job_id"] for worker in workers
                   for line in worker.log.find(msg) if line["job_type"] == "generate_reply")


def everything_is_done_at_the_first_attempt(database, persona, n):
    eventually(lambda: unfinished(database) == 0, within=40)
    assert ends(database) == {("DONE", 1): n}
    assert database.count("replies", persona_id=persona.id) == n
    assert database.count("quota_events", persona_id=persona.id, quota_type="reply") == n


def test_workers_replaced_in_full_work_lose_nothing_and_attempt_nothing_twice(user, database, start):
    persona = spread_jobs(database, user, 1500, daily_reply_quota=2000)
    fleet = [start(Worker, **BUSY), start(Worker, **BUSY)]
    ever = list(fleet)
    for _ in range(3):
        leaver, successor = fleet.pop(0), start(Worker, **BUSY)
        fleet.append(successor)
        ever.append(successor)
        leaver.log.wait_for("job_completed", count=30, job_type="generate_reply")
        leaver.stop()
        assert leaver.log.find("worker_stopped")
        assert unfinished(database) > 0
    everything_is_done_at_the_first_attempt(database, persona, 1500)
    # Those of a claim under way at the signal before they were begun.
    begun, handed_back = (starts(ever), starts(ever, "job_released"))
    assert len(begun) == 1500 and not [job for job, n in begun.items() if n > 1 + handed_back[job]]


def test_a_drain_that_is_over_hands_the_rest_back(user, database, start, provider):
    """Four calls hang for longer than the drain;
    all other work goes on until the signal, and is finished."""
    persona = spread_jobs(database, user, 60)
    provider.play(*[hang()] * 4)
    leaver = start(Worker,
                   **speaking_to(provider, WORKER_POLL_EVERY="100ms", WORKER_CONCURRENCY=8, WORKER_DRAIN_TIMEOUT="1s"))
    leaver.log.wait_for("job_completed", count=6, job_type="generate_reply")
    told = time.monotonic()
    leaver.stop()
    # The drain, at most 2 s for handing back, and the end of a process with sanitizers; the calls
    # would hang for 15 s.
    assert time.monotonic() - told < 10
    found = ends(database)
    assert set(found) <= {("DONE", 1), ("PENDING", 0)} and found[("PENDING", 0)] >= 4
    assert left_with_a_lease(database) == 0
    start(Worker, **BUSY)
    everything_is_done_at_the_first_attempt(database, persona, 60)


def test_a_second_signal_hands_back_at_once(user, database, start):
    persona = spread_jobs(database, user, 30)
    leaver = start(Worker, WORKER_POLL_EVERY="100ms", WORKER_CONCURRENCY=16, MOCK_LLM_LATENCY="12s",
                   WORKER_DRAIN_TIMEOUT="60s")
    leaver.log.wait_for("job_started", count=16, job_type="generate_reply")
    leaver.interrupt(signal.SIGTERM)
    leaver.log.wait_for("worker_stopping")
    leaver.interrupt(signal.SIGTERM)
    leaver.wait_for_end(within=5)
    assert ends(database) == {("PENDING", 0): 30}
    assert left_with_a_lease(database) == 0
    nothing_happened(database, persona)
    start(Worker, **BUSY)
    everything_is_done_at_the_first_attempt(database, persona, 30)


def test_what_cannot_be_handed_back_is_left_to_its_lease(user, database, cluster, start):
    """The network is cut when the worker has to go: it goes nevertheless,
    cleanly, and others get its jobs when their leases are over."""
    persona = spread_jobs(database, user, 8)
    with FaultProxy(cluster.port) as proxy:
        leaver = start(Worker, proxy.way_to(database.url), WORKER_POLL_EVERY="100ms",
                       WORKER_CONCURRENCY=8,
                       MOCK_LLM_LATENCY="12s", WORKER_DRAIN_TIMEOUT="200ms")
        leaver.log.wait_for("job_started", count=8, job_type="generate_reply")
        proxy.silence()
        leaver.stop()
        assert leaver.log.find("jobs_left_to_their_leases", count=8)
        proxy.cut()  # what was under way never arrives
        proxy.mend()
    assert ends(database) == {("PROCESSING", 1): 8}
    expire_leases(database)
    start(Worker, **BUSY)
    eventually(lambda: unfinished(database) == 0, within=20)
    assert ends(database) == {("DONE", 2): 8}
    assert database.count("replies", persona_id=persona.id) == database.count("quota_events", persona_id=persona.id,
                                                                              quota_type="reply") == 8
