"""The command `queue`: what an operator sees of the jobs, and does with them."""
import re
import subprocess
import threading

import pytest

from support.people import new_room, sign_up
from support.ports import free_port
from support.program import Worker, binary, environment, run
from support.queue import is_settled, write_job
from support.waiting import eventually

TYPES = ["generate_reply", "summarize_thread", "persona_digest", "weekly_digest", "reset_mail", "verification_mail"]


def queue(database, *words, code=0):
    """`personaworlds queue WORDS…`: what it said."""
    done = run("queue", *map(str, words), DATABASE_URL=database.url)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def people(api, database):
    """A persona, and posts enough to write jobs about."""
    user = sign_up(api)
    persona, room = user.persona(), new_room(database)
    posts = [user.publish(persona, room) for _ in range(3)]
    return user, persona, posts


@pytest.fixture
def jobs(database, people):
    """Nothing in the queue and no lever, but what the test writes."""
    def clear():
        database.execute("DELETE FROM jobs")
        database.execute("DELETE FROM settings")

    _, persona, posts = people
    clear()
    yield lambda n=0, type="generate_reply", **columns: write_job(database, type, posts[n], persona
                                                                  if type == "generate_reply" else None, **columns)
    clear()


def columns_of(text):
    """The rows of a table in columns, by its header."""
    header, *lines = text.splitlines()
    names = re.findall(r"\S+(?: \S+)*", header)
    starts = [header.index(name) for name in names]
    return [dict(zip(names, (line[start:end].strip() for start, end in zip(starts, [*starts[1:], None]))))
            for line in lines]


def states(database):
    return {row["id"]: (row["status"], row["attempts"], row["error"])
            for row in database.rows("SELECT id, status::text, attempts, error FROM jobs")}


# ---- status ----


def test_status_counts_jobs_by_type_and_state(database, jobs):
    jobs(0)
    database.execute("UPDATE jobs SET created_at = now() - interval '65 seconds'")
    waiting = jobs(1, attempts=2, error="llm: provider answered 503")
    database.execute("UPDATE jobs SET available_at = now() + interval '1 hour' WHERE id = %s", waiting)
    later = jobs(0, "summarize_thread")
    database.execute("UPDATE jobs SET available_at = now() + interval '1 hour' WHERE id = %s", later)
    jobs(1, "summarize_thread", status="PROCESSING", lease_until="2099-01-01")
    failed = jobs(2, status="FAILED", error="persona not found")
    database.execute("UPDATE jobs SET finished_at = now() - interval '23 hours' WHERE id = %s", failed)
    old = jobs(2, "summarize_thread", status="FAILED", error="too old to be told")
    database.execute("UPDATE jobs SET finished_at = now() - interval '25 hours' WHERE id = %s", old)
    queue(database, "pause", "weekly_digest", "--for", "30m")
    said = queue(database, "status")
    types, errors = said.split("\n\n")
    rows = {row.pop("TYPE"): row for row in columns_of(types)}
    assert list(rows) == TYPES
    assert rows["generate_reply"].pop("OLDEST") in ("1m05s", "1m06s", "1m07s")
    assert rows["generate_reply"] == {"DUE": "1", "RETRYING": "1", "LATER": "0", "RUNNING": "0", "FAILED 24H": "1",
                                      "PAUSED": "no"}
    assert {name: rows["summarize_thread"][name] for name in ("DUE", "RETRYING", "LATER", "RUNNING", "FAILED 24H")} == {
        "DUE": "0", "RETRYING": "0", "LATER": "1", "RUNNING": "1", "FAILED 24H": "0"}
    assert rows["persona_digest"]["OLDEST"] == "-" and re.fullmatch(r"30m00s|29m\d\ds", rows["weekly_digest"]["PAUSED"])
    assert [(row["FAILED 24H"], row["RETRYING"], row["TYPE"], row["ERROR"]) for row in columns_of(errors)] == [
        ("1", "0", "generate_reply", "persona not found"), ("0", "1", "generate_reply", "llm: provider answered 503")]


def test_status_groups_errors_by_their_kind_and_shows_nothing_that_was_quoted(database, jobs, people):
    _, persona, _ = people
    for n, error in enumerate([f'persona {persona.id} said "my secret plan" 17 times',
                               f'persona {persona.id.upper()} said "another" 4711 times']):
        jobs(n, status="FAILED", error=error, finished_at="now")
    jobs(2, status="FAILED", error='database: replies/store failed with 23505 and "an open quote of a user',
         finished_at="now")
    _, errors = queue(database, "status").split("\n\n")
    assert [(row["FAILED 24H"], row["ERROR"]) for row in columns_of(errors)] == [
        ("2", 'persona ID said "…" N times'), ("1", 'database: replies/store failed with 23505 and "…"')]


def test_status_of_an_idle_queue(database, jobs):
    said = queue(database, "status")
    assert said.endswith("\nno job failed within 24 hours, and none waits for another attempt\n") and "\033" not in said


# ---- pause and resume ----


def test_a_paused_type_waits_and_resuming_wakes_the_workers(database, jobs, start, people):
    _, persona, posts = people
    database.execute("DELETE FROM replies")
    worker = start(Worker, WORKER_POLL_EVERY="60s")
    assert re.fullmatch(r"generate_reply is paused until \d{4}-\S+Z\n",
                        queue(database, "pause", "generate_reply", "--for", "10m"))
    worker.log.wait_for("setting_changed", key="queue.pause.generate_reply", new="true")
    job = jobs(0)
    other = jobs(1, "summarize_thread")
    database.execute("NOTIFY jobs")
    eventually(lambda: states(database)[other][0] == "DONE")
    assert states(database)[job] == ("PENDING", 0, None)
    assert queue(database, "drain", "--type", "generate_reply", "--timeout",
                 "5s") == "the queue is empty but for what is paused: 1\n"
    assert queue(database, "resume", "generate_reply") == "generate_reply is taken again\n"
    eventually(lambda: states(database)[job][0] == "DONE", within=3)
    assert queue(database, "resume", "generate_reply") == "generate_reply was not paused\n"


def test_without_a_type_it_is_all_types(database, jobs):
    assert queue(database, "pause") == "".join(f"{type} is paused until it is resumed\n" for type in TYPES)
    assert {row["key"]: row["value"] for row in database.rows("SELECT key, value FROM settings")} == {
        f"queue.pause.{type}": "true" for type in TYPES}
    assert queue(database, "resume") == "".join(f"{type} is taken again\n" for type in TYPES)
    assert database.count("settings") == 0


# ---- retry ----


def fill(database, number):
    """Failed jobs without a subject."""
    database.execute("INSERT INTO jobs (job_type, status, error, finished_at) "
                     "SELECT 'of another release', 'FAILED', 'unsupported', now() "
                     "FROM generate_series(1, %s)", number)


def failed(jobs, n, type="generate_reply", error="llm: provider answered 503", **columns):
    return jobs(n, type, status="FAILED", attempts=5, error=error, finished_at="now", **columns)


def test_retry_makes_failed_jobs_due_again_as_if_asked_for_now(database, jobs):
    one, other, done = failed(jobs, 0), failed(jobs, 1, "summarize_thread"), jobs(2, status="DONE", finished_at="now")
    database.execute("UPDATE jobs SET created_at = now() - interval '1 day', available_at = now() - interval '1 day'")
    before = states(database)
    assert queue(database, "retry", "--type", "generate_reply", "--dry-run") == "jobs that would be due again: 1\n"
    assert states(database) == before
    assert queue(database, "retry", "--type", "generate_reply") == "jobs that are due again: 1\n"
    assert states(database) == before | {one: ("PENDING", 0, None)}
    assert database.value("SELECT finished_at IS NULL AND available_at > now() - interval '1 minute' "
                          "AND created_at > now() - interval '1 minute' "
                          "FROM jobs WHERE id = %s", one)
    assert queue(database, "retry", other, done) == "jobs that are due again: 1\n"
    assert states(database) == before | {one: ("PENDING", 0, None), other: ("PENDING", 0, None)}
    assert queue(database, "retry", done, 999999) == "no failed job matches\n"


@pytest.mark.parametrize("pattern, matches", [("answered 503", {0}), ("said \"…\" N times", {1}), ("4711", {1}),
                                              ("e", {0, 1}), ("%", set()), ("nothing", set())])
def test_retry_by_a_part_of_the_error(database, jobs, pattern, matches):
    ids = [failed(jobs, 0), failed(jobs, 1, error='said "x" 4711 times')]
    queue(database, "retry", "--error", pattern)
    assert {n for n, id in enumerate(ids) if states(database)[id][0] == "PENDING"} == matches


def test_selectors_narrow_each_other(database, jobs):
    one, other = failed(jobs, 0), failed(jobs, 1, error="persona not found")
    assert queue(database, "retry", one, other, "--type", "generate_reply", "--error",
                 "persona") == "jobs that are due again: 1\n"
    assert states(database)[one][0] == "FAILED" and states(database)[other][0] == "PENDING"


def test_retry_leaves_a_job_whose_equal_is_active_and_takes_the_newest_of_equals(database, jobs):
    older, newer = failed(jobs, 0), failed(jobs, 0)
    twin_of_running = failed(jobs, 1)
    running = jobs(1, status="PROCESSING", lease_until="2099-01-01")
    summary, waiting_summary = failed(jobs, 2, "summarize_thread"), jobs(2, "summarize_thread")
    without_subject = [write_job(database, "of another release", status="FAILED", finished_at="now",
                                 error="unsupported") for _ in range(2)]
    assert queue(database, "retry", older, newer, twin_of_running, summary, *without_subject) == (
        "jobs that are due again: 3; left, as an equal one waits or runs: 3\n")
    after = {id: status for id, (status, _, _) in states(database).items()}
    assert after == {older: "FAILED", newer: "PENDING", twin_of_running: "FAILED", running: "PROCESSING",
                     summary: "FAILED", waiting_summary: "PENDING",
                     **dict.fromkeys(without_subject, "PENDING")}


def test_retry_takes_the_newest_of_equals_from_different_batches(database, jobs, people):
    user, persona, _ = people

    def of_every_kind(error="unsupported"):
        """A failed job of each kind of subject."""
        return [failed(jobs, 0, error=error), failed(jobs, 0, "summarize_thread", error=error),
                failed(jobs, 0, "persona_digest", error, post_id=None, persona_id=persona.id,
                       subject_date="2026-11-27"),
                failed(jobs, 0, "weekly_digest", error, post_id=None, user_id=user.id, subject_date="2026-11-23")]

    older = of_every_kind()
    fill(database, 1000)
    newer = of_every_kind()
    of_another_error = of_every_kind("persona not found")
    report = "jobs that {} due again: 1004; left, as an equal one waits or runs: 4\n"
    assert queue(database, "retry", "--error", "unsupported", "--dry-run") == report.format("would be")
    assert queue(database, "retry", "--error", "unsupported") == report.format("are")
    after = states(database)
    assert {after[id][0] for id in newer} == {"PENDING"} and {after[id][0]
                                                              for id in older + of_another_error} == {"FAILED"}


def test_an_equal_that_comes_meanwhile_is_seen(database, jobs, people):
    """Its insertion isn't committed when retry looks, so that only the index knows."""
    _, persona, posts = people
    job = failed(jobs, 0)
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("INSERT INTO jobs (job_type, post_id, persona_id) VALUES ('generate_reply', %s, %s)",
                           [posts[0].id, persona.id])
        said = []
        retry = threading.Thread(target=lambda: said.append(queue(database, "retry", job)))
        retry.start()
        eventually(lambda: database.waiting_for_locks() == 1)
        connection.commit()
        retry.join(30)
    assert said == ["jobs that are due again: 0; left, as an equal one waits or runs: 1\n"]
    assert states(database)[job][0] == "FAILED"


def test_many_jobs_go_in_batches(database, jobs):
    fill(database, 2500)
    assert queue(database, "retry", "--error", "unsupported") == "jobs that are due again: 2500\n"
    assert database.count("jobs", status="PENDING") == 2500
    assert queue(database, "cancel",
                 *[row["id"] for row in database.rows("SELECT id FROM jobs")]) == "jobs cancelled: 2500\n"


def test_retry_wakes_the_workers(database, jobs, start):
    start(Worker, WORKER_POLL_EVERY="60s")
    eventually(lambda: is_settled(database))
    job = failed(jobs, 0, "summarize_thread")
    queue(database, "retry", job)
    eventually(lambda: states(database)[job][0] == "DONE", within=3)


# ---- a database that refuses ----


@pytest.fixture
def refuse(database):
    """refuse(sqlstate, times): the next so many changes of jobs fail; gives a function for when changes were tried,
    in ms. The times stand in sequences, which a rollback leaves alone."""
    def plant(sqlstate, times):
        database.execute(f"""
            CREATE SCHEMA refused;
            DO $$ BEGIN
                FOR n IN 1..100 LOOP EXECUTE 'CREATE SEQUENCE refused.at_' || n; END LOOP;
            END $$;
            CREATE SEQUENCE refused.tries;
            CREATE FUNCTION refused.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            DECLARE n bigint := nextval('refused.tries');
            BEGIN
                PERFORM setval('refused.at_' || n, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint);
                IF n <= {times} THEN
                    RAISE EXCEPTION 'planted' USING ERRCODE = '{sqlstate}';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON jobs FOR EACH STATEMENT EXECUTE FUNCTION refused.refuse()""")
        return lambda: [database.value(f"SELECT last_value FROM refused.at_{n}") / 1000
                        for n in range(1, database.value("SELECT last_value FROM refused.tries") + 1)]

    yield plant
    database.execute("DROP SCHEMA refused CASCADE")


@pytest.mark.parametrize("sqlstate", ["53100", "53300", "25006", "57014", "42501"])
def test_a_refusal_that_a_moment_does_not_mend_ends_the_command(database, jobs, refuse, sqlstate):
    failed(jobs, 0)
    tries = refuse(sqlstate, 100)
    done = run("queue", "retry", "--type", "generate_reply", DATABASE_URL=database.url)
    assert done.returncode == 4 and done.stderr == "personaworlds queue: while running queue/retry: planted\n"
    assert len(tries()) == 1


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "23505"])
def test_a_change_that_met_another_one_is_sent_again_after_pauses_that_grow(database, jobs, refuse, sqlstate):
    job = failed(jobs, 0)
    tries = refuse(sqlstate, 7)
    assert queue(database, "retry", "--type", "generate_reply") == "jobs that are due again: 1\n"
    assert states(database)[job] == ("PENDING", 0, None)
    retries = tries()[:8]  # behind them the next batch was looked for
    pauses = [after - before for before, after in zip(retries, retries[1:])]
    assert len(pauses) == 7 and all(pause >= 2**n for n, pause in enumerate(pauses)), pauses


def test_a_change_that_always_meets_another_one_is_given_up(database, jobs, refuse):
    failed(jobs, 0)
    tries = refuse("40001", 100)
    done = run("queue", "retry", "--type", "generate_reply", DATABASE_URL=database.url)
    assert done.returncode == 4 and done.stderr == "personaworlds queue: while running queue/retry: planted\n"
    assert len(tries()) == 20


# ---- cancel ----


def test_cancel_ends_waiting_jobs_and_frees_their_quota_and_leaves_what_runs(database, jobs, people):
    user, persona, posts = people
    waiting, running, other = (jobs(0), jobs(1, status="PROCESSING", lease_until="2099-01-01",
                                             lease_token="11111111-1111-4111-8111-111111111111"),
                               jobs(2, "summarize_thread"))
    left = "SELECT reply_units_left(p) FROM personas p WHERE id = %s"
    before = database.value(left, persona.id)
    assert queue(database, "cancel", "--type", "generate_reply",
                 "--dry-run") == "jobs that would be cancelled: 1; left, as they are running: 1\n"
    assert states(database)[waiting][0] == "PENDING"
    assert queue(database, "cancel", "--type", "generate_reply") == "jobs cancelled: 1; left, as they are running: 1\n"
    assert states(database) == {waiting: ("FAILED", 0, "cancelled by an operator"), running: ("PROCESSING", 0, None),
                                other: ("PENDING", 0, None)}
    assert database.value("SELECT finished_at IS NOT NULL FROM jobs WHERE id = %s", waiting)
    assert database.value(left, persona.id) == before + 1
    assert queue(database, "cancel", waiting) == "no waiting or running job matches\n"
    assert queue(database, "retry", "--error", "cancelled by an operator") == "jobs that are due again: 1\n"


# ---- drain ----


def test_drain_waits_until_the_workers_are_done(database, jobs, people):
    database.execute("DELETE FROM replies")
    ids = [jobs(0), jobs(1)]
    with subprocess.Popen([binary(), "queue", "drain", "--type", "generate_reply", "--timeout", "10s"],
                          env=environment(DATABASE_URL=database.url), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as drain:
        assert drain.stderr.readline() == "jobs left: 2, falling by 0.0/s\n"
        with Worker(database.url):
            said, _ = drain.communicate()
    assert (drain.returncode, said) == (0, "the queue is empty\n")
    assert {states(database)[id][0] for id in ids} == {"DONE"}


def test_drain_gives_up_when_its_time_is_over(database, jobs):
    jobs(0)
    assert queue(database, "drain", "--timeout", "1s", code=1) == "jobs left after 1s: 1\n"
    assert queue(database, "drain", "--type", "weekly_digest") == "the queue is empty\n"


# ---- the command line ----


def test_help_names_commands_and_types():
    done = run("queue", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE) == ["status", "pause", "resume", "retry", "cancel",
                                                                   "drain"]
    assert all(type in done.stdout for type in TYPES)


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["--nope"], ["status", "extra"], ["status", "--type", "generate_reply"], ["pause", "nonsense"],
    ["pause", "generate_reply", "weekly_digest"],
    ["resume", "--for", "1m"], ["retry"], ["retry", "--dry-run"], ["retry", "--type"], ["retry", "--type", "nonsense"],
    ["retry", "1", "two"], ["retry", "-1"],
    ["retry", ""], ["retry", "1" * 19], ["cancel"], ["cancel", "--timeout", "1s", "1"], ["drain", "generate_reply"],
    ["drain", "--timeout"],
    ["retry", "--error", "x", "--error", "y"]])
def test_a_wrong_command_line_is_answered_with_the_usage(words):
    done = run("queue", *words)
    assert (done.returncode, done.stdout) == (3, "") and "Usage: personaworlds queue" in done.stderr


@pytest.mark.parametrize("words",
                         [["pause", "--for", "0s"], ["pause", "--for", "soon"], ["drain", "--timeout", "721h"]])
def test_a_time_that_cannot_be_is_refused(words):
    done = run("queue", *words)
    assert (done.returncode, done.stdout) == (3, "") and "must be a duration like" in done.stderr


@pytest.mark.parametrize("words", [["status"], ["pause"], ["resume"], ["retry", "1"], ["cancel", "1"], ["drain"]])
def test_without_a_database_it_says_why(words):
    done = run("queue", *words, within=10,
               DATABASE_URL=f"postgres://postgres:planted-secret@127.0.0.1:{free_port()}/x?sslmode=disable")
    assert (done.returncode, done.stdout) == (4, "")
    assert "refused" in done.stderr and "planted-secret" not in done.stderr
