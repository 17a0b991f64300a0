"""Faults that stand beside the seven modes: each made, named, remedied by what triage prints, verified,
and nothing lost."""
import contextlib
import signal

import psycopg
import pytest

from support.drill import Drill
from support.faults_of_database import FullDisk
from support.program import JWT_SECRET
from support.roles import as_role
from support.standby import Standby, waited_for
from support.waiting import eventually

OTHER_SECRET = "another-secret-of-more-than-thirty-two-bytes"


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack()


@contextlib.contextmanager
def drilled(stack, finding):
    """As a drill of a mode; which page comes of it is the rules' own test (deploy/prometheus)."""
    eventually(stack.verified, within=60)
    yield Drill(stack, finding, page=None)
    eventually(stack.verified, within=60)
    stack.nothing_is_lost()


def refused(stack, status):
    """People's requests end so now."""
    before = len(stack.traffic.statuses)
    return lambda: status in stack.traffic.statuses[before:]


def test_a_database_that_only_reads(stack):
    with drilled(stack, "database_read_only") as drill:
        with contextlib.closing(psycopg.connect(stack.cluster.url(), autocommit=True)) as root:
            root.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            root.execute("SELECT pg_reload_conf()")
        drill.seen(*(lambda service=service: "read-only" in service.readiness()[1].get("error", "")
                     for service in (stack.api, stack.worker)))
        drill.remedied()
        eventually(stack.api.is_ready, within=10)


def test_commits_that_wait_for_a_standby(stack):
    with Standby(stack.cluster) as standby, drilled(stack, "commits_waiting") as drill:
        with waited_for(stack.cluster, standby):
            standby.freeze()
            try:
                drill.seen(*(lambda service=service: "no commit in time" in service.readiness()[1].get("error", "")
                             for service in (stack.api, stack.worker)))
                drill.remedied()
                eventually(stack.api.is_ready, within=10)
            finally:
                standby.thaw()


def test_a_full_disk(stack):
    with drilled(stack, "resources_exhausted") as drill:
        with FullDisk(stack.database):
            drill.seen(refused(stack, 503))
            drill.remedied()  # it looks; to make room is a person's act


def test_connections_that_a_script_forgot(stack):
    with contextlib.ExitStack() as forgotten, drilled(stack, "connections_exhausted") as drill:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                forgotten.enter_context(contextlib.closing(psycopg.connect(as_role(stack.database.url, "ops"))))
        drill.seen()
        drill.remedied()


def test_a_worker_that_hangs(stack):
    stack.run("docker compose up -d --scale worker=3")
    with drilled(stack, "worker_down") as drill:
        hung = stack.workers[1]
        hung.interrupt(signal.SIGSTOP)
        drill.seen()
        hung.kill()  # as whatever stops it does after a while
        drill.remedied()
        eventually(lambda: all(worker.is_ready() for worker in stack.workers), within=20)


POISON = ["available_at = '9999-12-31'", "available_at = '9999-12-31', attempts = 2147483647",
          "status = 'PROCESSING', lease_until = '9999-12-31', locked_by = 'nobody'"]


def test_jobs_whose_rows_cannot_be_true(stack):
    with drilled(stack, "times_impossible") as drill:
        stack.run("personaworlds queue pause generate_reply")
        stack.traffic.ask_for_replies(len(POISON))
        ids = [row["id"] for row in stack.database.rows(
            "SELECT id FROM jobs WHERE job_type = 'generate_reply' AND status = 'PENDING' LIMIT 3")]
        for id, poison in zip(ids, POISON, strict=True):
            stack.database.execute(f"UPDATE jobs SET {poison} WHERE id = %s", id)
        stack.run("personaworlds queue resume generate_reply")
        drill.seen()
        assert all(service.is_ready() for service in (stack.api, stack.worker))
        drill.remedied()
        eventually(lambda: stack.database.value("SELECT count(*) FROM jobs WHERE id = ANY (%s) AND status = 'DONE'",
                                                ids) == len(POISON))


def test_a_secret_that_was_changed(stack):
    with drilled(stack, "tokens_refused") as drill:
        stack.deploy("backend", JWT_SECRET=OTHER_SECRET)
        drill.seen(refused(stack, 401))
        stack.api.settings["JWT_SECRET_PREVIOUS"] = JWT_SECRET  # what a person adds between the two commands
        drill.remedied()
