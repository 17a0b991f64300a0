"""`triage`. Each finding of deploy/runbook.toml is made once:
by rows in a database, or by a service that says so of itself."""
import contextlib
import json
import os
import pty
import re
import socket
import subprocess
import threading
import tomllib

import pytest

from fakes.service import FakeService
from support.exposition import Page
from support.faults import FaultProxy
from support.people import sign_up
from support.ports import free_port
from support.program import CHECKOUT, Api, Worker, binary, environment, run
from support.runbook import commands_of_check
from support.triage import finding, found, look, status, triage
from support.waiting import eventually

RUNBOOK = tomllib.loads((CHECKOUT / "deploy/runbook.toml").read_text())["mode"]
CHECKS = {check["id"]: (mode, check) for mode in RUNBOOK for check in mode["check"]}
SECRET = "planted-secret"


@pytest.fixture
def database(own_database):
    return own_database


@pytest.fixture(scope="module")
def rows_database(cluster, template):
    database = cluster.create(template.name)
    yield database
    database.drop()


@pytest.fixture
def jobs(rows_database):
    """A database without jobs and levers; others may come and go in it."""
    yield rows_database
    rows_database.execute("TRUNCATE jobs, settings")


@pytest.fixture(scope="module")
def stack(cluster, template):
    """A real one that nobody uses, and whose services have looked at their server."""
    database = cluster.create(template.name)
    with Api(database.url) as api, Worker(database.url) as worker:
        eventually(lambda: all(Page(service.metrics()).value("db_timeline") == 1 for service in (api, worker)))
        yield {"DATABASE_URL": database.url, "api": f"http://127.0.0.1:{api.port}",
               "worker": f"http://127.0.0.1:{worker.port}"}
    database.drop()


# --- what it says


def test_a_healthy_stack_has_no_finding(stack):
    seen = look("--since", "90s", **stack)
    assert seen.keys() == {"since", "checks", "findings"} and seen["since"] == "90s"
    assert [(check["id"], check["mode"])
            for check in seen["checks"]] == [(id, mode["id"]) for id, (mode, _) in CHECKS.items()]
    assert [check for check in seen["checks"] if check["status"] != "ok" or not check["evidence"]] == []
    assert seen["findings"] == []


def test_the_screen_of_a_healthy_stack(stack):
    done = triage(**stack)
    assert done.returncode == 0
    assert "NO FINDING" in done.stdout and "\033" not in done.stdout
    for words in ("BLAST RADIUS", "public", "authenticated", "model", "auth", "requests/s", "http_requests_total",
                  "jobs_processed_total", "QUEUE", "ping ",
                  f"api     {stack['api']}  live  ready"):
        assert words in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colour_and_progress_only_on_a_terminal(stack, no_color):
    ours, theirs = pty.openpty()
    said = []
    reader = threading.Thread(target=lambda: said.extend(iter(lambda: drain(ours), b"")))
    reader.start()
    done = subprocess.run([binary(), "triage", "--api", stack["api"], "--worker", stack["worker"], "--sample", "50ms"],
                          env=environment(DATABASE_URL=stack["DATABASE_URL"], NO_COLOR=no_color), stdout=theirs,
                          stderr=theirs, timeout=60)
    os.close(theirs)
    reader.join()
    os.close(ours)
    text = b"".join(said).decode()
    assert done.returncode == 0 and "second sample" in text
    assert ("\033[32m" in text) == (no_color == "")


def drain(terminal):
    with contextlib.suppress(OSError):
        return os.read(terminal, 65536)
    return b""


def test_findings_come_first_each_with_evidence_and_commands(database, well):
    database.execute("DROP INDEX jobs_due")
    done = triage(api=well, worker=well, DATABASE_URL=database.url)
    assert done.returncode == 1
    first, *_ = done.stdout.partition("BLAST RADIUS")
    assert "1 FINDING" in first and "1. An index of the schema is missing" in first and "index_missing; mode 2" in first
    assert "jobs_due on jobs" in first
    assert ("   $ psql \"${DATABASE_OWNER_URL:-$DATABASE_URL}\" -c 'CREATE INDEX CONCURRENTLY jobs_due "
            "ON jobs (priority, available_at, id) WHERE status = '\\''PENDING'\\'''\n") in first


# --- what is down


def test_nothing_answers(well):
    nowhere, database = (f"http://127.0.0.1:{free_port()}",
                         f"postgres://postgres:{SECRET}@127.0.0.1:{free_port()}/x?sslmode=disable")
    done = triage("--json", api=nowhere, worker=nowhere, DATABASE_URL=database)
    seen = json.loads(done.stdout)
    assert done.returncode == 4
    assert found(seen) == ["database_unreachable", "api_down", "worker_down"]
    assert {check["status"] for check in seen["checks"] if check["id"] not in found(seen)} == {"unknown"}
    screen = triage(api=nowhere, worker=nowhere, DATABASE_URL=database)
    assert screen.returncode == 4 and "3 FINDINGS" in screen.stdout
    assert SECRET not in done.stdout + screen.stdout


def test_everything_accepts_and_says_nothing():
    """The slowest that a triage can be: it waits for each to its limit."""
    with contextlib.ExitStack() as sockets:
        ports = []
        for _ in range(3):
            silent = sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
            ports.append(silent.getsockname()[1])
        seen = json.loads(triage("--json", api=f"http://127.0.0.1:{ports[0]}", worker=f"http://127.0.0.1:{ports[1]}",
                                 within=8,
                                 DATABASE_URL=f"postgres://postgres@127.0.0.1:{ports[2]}/x?sslmode=disable").stdout)
    assert found(seen) == ["database_unreachable", "api_down", "worker_down"]


def test_only_the_database_is_down(well):
    with FakeService(ready="database ping failed: connection refused") as api:
        seen = look(api=api.url, worker=well, DATABASE_URL=f"postgres://postgres:{SECRET}@127.0.0.1:{free_port()}/x")
    one = finding(seen, "database_unreachable")
    assert one["mode"] == 1 and one["title"] == CHECKS["database_unreachable"][1]["finding"]
    assert one["commands"] == commands_of_check(CHECKS["database_unreachable"][1])
    assert f"{api.url} says: connection refused" in one["evidence"] and SECRET not in json.dumps(seen)
    assert status(seen, "api_not_ready") == status(seen, "queue_backlog") == "unknown"


def test_a_database_that_answers_us_but_not_the_services(database, well):
    with FakeService(ready="database ping failed: no answer in time") as service:
        where = {"DATABASE_URL": database.url}
        assert "from here the database answers" in finding(look(api=service.url, worker=well, **where),
                                                           "api_not_ready")["evidence"]
        assert "/readyz: database ping failed" in finding(look(api=well, worker=service.url, **where),
                                                          "worker_not_ready")["evidence"]


def test_a_database_that_refuses_us(database, well):
    url = re.sub("//.*@", f"//nobody:{SECRET}@", database.url)
    seen = look(api=well, worker=well, DATABASE_URL=url)
    assert 'role "nobody" does not exist' in finding(seen, "database_credentials")[
        "evidence"] and SECRET not in json.dumps(seen)


def test_a_database_that_refuses_the_services(database):
    with FakeService(ready='database ping failed: password authentication failed for user "x"') as api:
        seen = look(api=api.url, worker=api.url, DATABASE_URL=database.url)
    assert "those given to triage are accepted" in finding(seen, "database_credentials")["evidence"]


def test_the_api_is_down(stack, well):
    gone = f"http://127.0.0.1:{free_port()}"
    one = finding(look(api=[well, gone], worker=well, DATABASE_URL=stack["DATABASE_URL"]), "api_down")
    assert gone in one["evidence"] and well not in one["evidence"]


def test_the_api_is_not_ready_for_a_reason_of_its_own(stack, well):
    with FakeService(ready="shutting down") as api:
        one = finding(look(api=api.url, worker=well, DATABASE_URL=stack["DATABASE_URL"]), "api_not_ready")
    assert "shutting down" in one["evidence"] and f"curl -sS {api.url}/readyz" in one["commands"]


def test_the_worker_is_down(stack):
    finding(look(**stack | {"worker": f"http://127.0.0.1:{free_port()}"}), "worker_down")


def test_a_very_slow_way_to_the_database(database, well):
    """A connection and a ping, and the time for looking at the database is nearly over:
    what has no answer by then is unknown."""
    with FaultProxy(database.cluster.port) as way:
        way.delay = 0.9
        url = database.url.replace(f":{database.cluster.port}/", f":{way.port}/")
        seen = look(api=well, worker=well, within=6, DATABASE_URL=url)
    assert "ping 1.8" in finding(seen, "database_slow")["evidence"]
    assert status(seen, "queue_backlog") == status(seen, "index_missing") == "unknown"


# --- what the database shows


def test_migrations_are_pending(empty, well):
    with FakeService(ready="migrations pending: applied=0 expected=17") as api:
        one = finding(look(api=api.url, worker=well, DATABASE_URL=empty.url), "migrations_pending")
    assert "001_accounts.sql" in one["evidence"] and "applied=0 expected=17" in one["evidence"]


def in_shell(command, database):
    return subprocess.run(["bash", "-euc", command], env=environment(DATABASE_URL=database.url), capture_output=True,
                          text=True, timeout=60, check=True)


@pytest.mark.parametrize("damage, said", [
    ("DROP INDEX posts_published_in_room", "posts_published_in_room on posts"),
    ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'replies_once_per_persona'::regclass", "invalid")])
def test_an_index_is_missing_and_its_command_builds_it(database, well, damage, said):
    database.execute(damage)
    one = finding(look(api=well, worker=well, DATABASE_URL=database.url), "index_missing")
    assert said in one["evidence"]
    for command in one["commands"]:
        in_shell(command, database)
    assert found(look(api=well, worker=well, DATABASE_URL=database.url)) == []


def test_a_table_is_gone_and_its_indexes_are_no_finding_of_their_own(database, well):
    database.execute("ALTER TABLE notifications RENAME TO elsewhere; DROP TABLE weekly_digests")
    seen = look(api=well, worker=well, DATABASE_URL=database.url)
    one = finding(seen, "schema_damaged")
    assert "notifications" in one["evidence"] and "weekly_digests" in one["evidence"]


def test_a_statement_waits_for_a_lock_and_the_command_ends_who_has_it(database, well):
    with contextlib.closing(database.connect(application_name="a script")) as holder, database.connect() as waiter:
        holder.autocommit = False
        holder.execute("LOCK TABLE jobs")
        waiting = threading.Thread(target=waiter.execute, args=["SELECT 'of no interest' FROM jobs"])
        waiting.start()
        eventually(lambda: database.value("SELECT count(*) FROM pg_locks WHERE NOT granted "
                                          "AND waitstart < clock_timestamp() - interval '1 second'"))
        seen = look(api=well, worker=well, within=6, DATABASE_URL=database.url)
        one = finding(seen, "locks_waiting")
        assert one["commands"] == [f"psql \"$DATABASE_URL\" -c 'SELECT pg_{how}_backend({holder.info.backend_pid})'"
                                   for how in ("cancel", "terminate")]
        assert f'pid {waiter.info.backend_pid} (without a name) with "SELECT ? FROM jobs"' in one["evidence"]
        assert f"for what pid {holder.info.backend_pid} (a script) has; that one is idle in transaction" in one[
            "evidence"]
        assert 'its statement "LOCK TABLE jobs"' in one["evidence"] and "of no interest" not in one["evidence"]
        assert status(seen, "queue_backlog") == "unknown"  # its statement waited, too
        for command in one["commands"]:
            in_shell(command, database)
        waiting.join()


ROWS = {
    "jobs_failing": "INSERT INTO jobs (job_type, status, error, finished_at) "
                    "SELECT 'generate_reply', 'FAILED', 'no room ' || n, now() FROM generate_series(1, 3) n",
    "retry_storm": "INSERT INTO jobs (job_type, attempts, available_at, error) "
                   "SELECT 'summarize_thread', 2, now() + interval '1 hour', 'provider answered 503, ' || n "
                   "FROM generate_series(1, 21) n",
    "queue_paused": "INSERT INTO settings (key, value) VALUES ('queue.pause.generate_reply', 'true'); INSERT INTO "
                    "jobs (job_type) VALUES ('generate_reply')",
    "queue_backlog": "INSERT INTO jobs (job_type, available_at) "
                     "SELECT 'generate_reply', now() - interval '2 minutes' FROM generate_series(1, 21)",
    "lease_stuck": "INSERT INTO jobs (job_type, status, lease_until) "
                   "VALUES ('generate_reply', 'PROCESSING', now() - interval '1 minute')",
    "times_impossible": "INSERT INTO jobs (job_type, status, lease_until, available_at) VALUES "
                        "('generate_reply', 'PROCESSING', now() + interval '10 hours', now()), "
                        "('generate_reply', 'PENDING', NULL, now() + interval '9 days')",
    "lever_invalid": "INSERT INTO settings (key, value) VALUES ('llm.provider', 'moon')",
    "lever_left_on": "INSERT INTO settings (key, value) VALUES ('queue.pause.generate_reply', 'true')",
    "digests_stale": "INSERT INTO jobs (job_type, created_at, available_at) "
                     "VALUES ('persona_digest', now() - interval '11 minutes', now() + interval '1 minute')",
}
SAID = {"jobs_failing": "3 failed, 0 done: 3 generate_reply: no room N",
        "retry_storm": "21 wait for another try: 21 summarize_thread: provider answered 503, N",
        "queue_paused": "1 generate_reply", "queue_backlog": "21 due", "lease_stuck": "1 generate_reply",
        "times_impossible": "1 leases that no worker could give (for another 10h00m), 1 jobs due later",
        "lever_invalid": "llm.provider = moon, which nobody obeys: ",
        "lever_left_on": "queue.pause.generate_reply = true since",
        "digests_stale": "11m"}


@pytest.mark.parametrize("id", ROWS)
def test_rows_that_are_a_finding(jobs, well, id):
    jobs.execute(ROWS[id])
    one = finding(look(api=well, worker=well, DATABASE_URL=jobs.url), id)
    assert SAID[id] in one["evidence"]
    mode, check = CHECKS[id]
    type = "summarize_thread" if id == "retry_storm" else "generate_reply"
    key = "llm.provider" if id == "lever_invalid" else "queue.pause.generate_reply"
    filled = {"{type}": type, "{key}": key, "rate_limit.llm {tighter}": "rate_limit.llm 7/1m", "{longer}": "2m"}
    wanted = "\n".join(commands_of_check(check))
    for placeholder, value in filled.items():
        wanted = wanted.replace(placeholder, value)
    assert one["mode"] == mode["id"] and one["commands"] == wanted.splitlines()


def test_the_command_mends_times_that_cannot_be_true(jobs, well):
    jobs.execute(ROWS["times_impossible"])
    one = finding(look(api=well, worker=well, DATABASE_URL=jobs.url), "times_impossible")
    in_shell(one["commands"][1], jobs)
    assert "times_impossible" not in found(look(api=well, worker=well, DATABASE_URL=jobs.url))


def test_a_job_that_always_fails_shows_among_many_that_are_done(jobs, well):
    jobs.execute("INSERT INTO jobs (job_type, status, error, finished_at) "
                 "SELECT 'generate_reply', 'FAILED', 'no room', now() FROM generate_series(1, 9)")
    jobs.execute("INSERT INTO jobs (job_type, status, finished_at) SELECT 'generate_reply', 'DONE', now() "
                 "FROM generate_series(1, 1000)")
    assert found(look(api=well, worker=well, DATABASE_URL=jobs.url)) == []
    jobs.execute("INSERT INTO jobs (job_type, status, error, finished_at) "
                 "VALUES ('generate_reply', 'FAILED', 'no room', now())")
    finding(look(api=well, worker=well, DATABASE_URL=jobs.url), "jobs_failing")


@pytest.mark.parametrize("rows", [
    "INSERT INTO jobs (job_type, status, error, finished_at) "
    "VALUES ('generate_reply', 'FAILED', 'post not found', now())",
    "INSERT INTO jobs (job_type, status, error, finished_at) "
    "VALUES ('generate_reply', 'FAILED', 'no room', now() - interval '16 minutes')",
    "INSERT INTO jobs (job_type, available_at) SELECT 'generate_reply', now() + interval '1 minute' "
    "FROM generate_series(1, 100)",
    "INSERT INTO jobs (job_type, available_at) SELECT 'generate_reply', now() - interval '2 minutes' "
    "FROM generate_series(1, 20)",
    "INSERT INTO jobs (job_type, status, lease_until) "
    "VALUES ('generate_reply', 'PROCESSING', now() + interval '60 minutes')",
    "INSERT INTO jobs (job_type, available_at) VALUES ('generate_reply', now() + interval '7 days')",
    "INSERT INTO settings (key, value, expires_at) "
    "VALUES ('queue.pause.generate_reply', 'true', now() + interval '1 minute')"])
def test_rows_that_are_none(jobs, well, rows):
    jobs.execute(rows)
    assert found(look(api=well, worker=well, DATABASE_URL=jobs.url)) == []


def test_a_type_of_job_that_a_shell_would_obey_gets_into_no_command(jobs, well):
    jobs.execute("INSERT INTO jobs (job_type, status, error, finished_at) "
                 "VALUES ('a; touch /tmp/x', 'FAILED', E'no\\033[31mway', now())")
    one = finding(look(api=well, worker=well, DATABASE_URL=jobs.url), "jobs_failing")
    assert "personaworlds queue pause TYPE" in one["commands"]
    assert "\033" not in triage(api=well, worker=well, DATABASE_URL=jobs.url).stdout


def test_a_very_long_type_of_job_makes_no_wide_table(jobs, well):
    jobs.execute("INSERT INTO jobs (job_type, status, error, attempts) VALUES (repeat('x', 5000), 'FAILED', 'no', 1), "
                 "(repeat('y', 5000), 'PENDING', 'no', 1)")
    screen = triage(api=well, worker=well, DATABASE_URL=jobs.url).stdout
    assert "queue pause TYPE" in screen
    assert max(len(line) for line in screen.splitlines() if not line.startswith("   $ ")) <= 130


def test_a_digest_is_missing_that_no_job_will_make(database, start, well):
    persona = sign_up(start(Api)).persona()
    database.execute("INSERT INTO persona_activity_events (persona_id, type, created_at) "
                     "VALUES (%s, 'post_created', now() - interval '5 minutes')", persona.id)
    assert found(look(api=well, worker=well, DATABASE_URL=database.url)) == []  # there is its job
    database.execute("DELETE FROM jobs")
    assert persona.id in finding(look(api=well, worker=well, DATABASE_URL=database.url), "digests_missing")["evidence"]
    database.execute("INSERT INTO persona_digests (persona_id, date) "
                     "VALUES (%s, ((now() - interval '5 minutes') AT TIME ZONE 'UTC')::date)", persona.id)
    assert found(look(api=well, worker=well, DATABASE_URL=database.url)) == []


# --- the command line


@pytest.mark.parametrize("words", [["--since"], ["--since", "soon"], ["--since", "0s"], ["--sample", "2m"],
                                   ["--api", "localhost:8080"], ["--api", ""],
                                   ["--worker", f"http://me:{SECRET}@localhost"], ["--prometheus", "ftp://x"],
                                   ["--api", *["http://x", "--api"] * 16, "http://x"]])
def test_a_flag_that_cannot_be(words):
    done = run("triage", *words)
    assert (done.returncode, done.stdout) == (3, "")
    assert words[0] in done.stderr.splitlines()[0] and "Usage:" in done.stderr and SECRET not in done.stderr
