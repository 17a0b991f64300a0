"""DB_POOLER=transaction:
API and worker behind a PgBouncer, with and without a way past it."""
import pytest

from support.program import Api, Worker
from support.queue import job_of, replied_once, workers_present
from support.waiting import eventually
from test_main_job import walk_the_main_job

POOLED = {"DB_POOLER": "transaction"}


@pytest.fixture
def api(database, pooler):
    with Api(pooler.url(database.name), **POOLED) as api:
        yield api


@pytest.fixture
def start_pooled(database, pooler, start):
    """Starts a worker behind the pooler; `past` adds a way past it."""

    def start_worker(past=False, **settings):
        return start(Worker, pooler.url(database.name),
                     **POOLED | ({"DATABASE_DIRECT_URL": database.url} if past else {}) | settings)

    return start_worker


@pytest.mark.parametrize("past", [False, True], ids=["polling", "listening"])
def test_the_main_job(api, database, start_pooled, past):
    start_pooled(past, WORKER_POLL_EVERY="1s")
    walk_the_main_job(api, database)
    assert workers_present(database) == past


def test_with_a_way_past_the_pooler_a_new_job_starts_at_once(user, post, persona, database, start_pooled):
    worker = start_pooled(past=True, WORKER_POLL_EVERY="1m")
    eventually(lambda: workers_present(database) == 1)
    user.ask_for_replies(post, persona)
    worker.log.wait_for("job_started", job_type="generate_reply", within=10)
    eventually(lambda: job_of(database, post)["status"] == "DONE")
    assert replied_once(database, post, persona)


def test_without_one_a_new_job_is_found_by_the_poll(user, post, persona, database, pooler, start_pooled):
    worker = start_pooled(WORKER_POLL_EVERY="2s")
    eventually(lambda: database.count("jobs", status="PENDING") == 0)
    user.ask_for_replies(post, persona)
    worker.log.wait_for("job_started", job_type="generate_reply", within=10)
    eventually(lambda: job_of(database, post)["status"] == "DONE")
    assert replied_once(database, post, persona)
    assert set(pooler.on_each_server(database.name, "SELECT count(*) FROM pg_listening_channels()",
                                     "worker")) == {(0,)}
    assert not worker.log.find("db_connection_lost")


def test_what_a_job_enqueues_is_claimed_without_waiting_for_the_poll(user, post, persona, database, start_pooled):
    """The first look finds the reply; the reply asks for its persona's digest,
    long before the second look."""
    user.ask_for_replies(post, persona)
    worker = start_pooled(WORKER_POLL_EVERY="1m")
    worker.log.wait_for("job_completed", job_type="persona_digest", within=10)
    assert replied_once(database, post, persona)
