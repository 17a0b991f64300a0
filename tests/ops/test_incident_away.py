"""An outage as it comes out of `personaworlds incident report`: the database is away in the middle, and
nothing of that time is missing; and the file in which commands keep what they can't write."""
import json
import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.faults import FaultProxy
from support.postgres import Cluster
from support.program import Api, Worker, prepared, run
from support.waiting import eventually

FINE, FAILED, COULD_NOT_ASK = 0, 1, 4
HERE = socket.gethostname()


@pytest.fixture(scope="module")
def cluster():
    """A server of this file's own, to be killed."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def database(cluster):
    if not cluster.accepts():
        cluster.start()
    return prepared(cluster)


@pytest.fixture
def command(database, tmp_path):
    """A command of an operator who stands in an empty folder, and has one for his state."""
    def command(*words, code=FINE, **settings):
        settings = {"DATABASE_URL": database.url, "XDG_STATE_HOME": tmp_path / "state"} | settings
        done = run(*words, cwd=tmp_path, **settings)
        assert done.returncode == code, done.stdout + done.stderr
        return done
    return command


def timeline(report):
    """[(who's name, kind, what)] of the table, and its times."""
    rows = re.findall(r"^\| (20\S+ \S+) \| ([^|]+) \| (\w+) \| (.*) \|$", report, re.MULTILINE)
    return [(who.split("@")[0], kind, what) for _, who, kind, what in rows], [time for time, *_ in rows]


def changes_of(service, reason):
    return [line for line in service.log.lines if line["msg"] == "setting_changed" and line["reason"] == reason]


def test_the_report_of_an_outage_lacks_nothing(cluster, database, command, start):
    api, worker = start(Api), start(Worker)
    for service in (api, worker):
        service.expect_errors("http_request", "job_failed_permanently")
    ports = {"PORT": api.port, "WORKER_OBSERVABILITY_PORT": worker.port}
    command("incident", "open", "Everything fails")
    command("settings", "set", "rate_limit.public_read", "30/1m", "--for", "2s")
    eventually(lambda: changes_of(api, "set"))

    cluster.stop("immediate")
    for service in (api, worker):
        eventually(lambda: service.readiness()[0] == 503)
    assert "this is kept in " in command("incident", "note", "Postgres doesn't answer | disk?").stderr
    found = command("triage", "--sample", "200ms", code=FAILED, **ports)
    assert "Postgres doesn't answer" in found.stdout
    eventually(lambda: changes_of(api, "expired"))
    command("incident", "list", code=COULD_NOT_ASK)

    cluster.start()
    for service in (api, worker):
        eventually(lambda: service.readiness()[0] == 200, within=20)
    joined = command("queue", "pause", "generate_reply")
    assert "2 entries were kept while the journal couldn't be written, and are in it now" in joined.stderr
    command("queue", "resume", "generate_reply")
    run("verify", "--for", "1s", "--every", "200ms", DATABASE_URL=database.url, **ports)
    worker.stop()
    api.stop()
    command("incident", "note", "it was the disk")
    command("incident", "close")

    report = command("incident", "report").stdout
    print(report)
    rows, times = timeline(report)
    wanted = [
        ("api", "process", "started: "), ("api", "readiness", "ready$"),
        ("worker", "process", "started: "), ("worker", "readiness", "ready$"),
        (None, "incident_opened", "Everything fails$"), (None, "lever", r"rate_limit\.public_read = 30/1m until 20"),
        ("api", "readiness", "not ready: database ping failed"),
        ("worker", "readiness", "not ready: database ping failed"),
        (None, "note", r"Postgres doesn't answer \\\| disk\?"),
        (None, "triage", r"found database_unreachable: Postgres doesn't answer"),
        ("api|worker", "lever", r"rate_limit\.public_read expired"),
        ("api", "readiness", r"ready$"), ("worker", "readiness", r"ready$"),
        (None, "lever", r"queue\.pause\.generate_reply = true"),
        (None, "lever", r"queue\.pause\.generate_reply is unset"),
        (None, "verify", ""), ("worker", "process", "stopping"), ("api", "process", "stopping"),
        (None, "note", "it was the disk$"), (None, "incident_closed", "Everything fails$")]
    assert times == sorted(times)
    left = list(rows)
    for who, kind, pattern in wanted:
        found = [row for row in left if row[1] == kind and re.match(pattern, row[2])
                 and (row[0] not in ("api", "worker") if who is None else row[0] in who.split("|"))]
        assert found, f"missing: {(who, kind, pattern)}\n{report}"
        left.remove(found[0])
    # What is left are further reasons on the way down and up.
    assert {row[1] for row in left} <= {"readiness", "migration"}, report
    noted, looked = (next(i for i, row in enumerate(rows) if row[1] == kind) for kind in ("note", "triage"))
    down, up = (next(i for i, row in enumerate(rows) if row[0] == "api" and row[1] == "readiness"
                     and row[2].startswith(begin) and i > 4) for begin in ("not ready", "ready"))
    assert down < noted < looked < up


# ---- the file ----


def kept_files(folder):
    return sorted(folder.rglob("kept-*.jsonl"))


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def notes(database):
    return [row["what"] for row in database.rows("SELECT what FROM journal WHERE kind = 'note' ORDER BY at")]


@pytest.mark.parametrize("place", [".personaworlds/incidents", "state/personaworlds",
                                   "home/.local/state/personaworlds"])
def test_where_it_is_kept(cluster, database, command, tmp_path, place):
    settings = {} if place.startswith("state") else {"XDG_STATE_HOME": "", "HOME": tmp_path / "home"}
    if place.startswith("."):
        (tmp_path / ".personaworlds").mkdir()
    cluster.stop("immediate")
    done = command("incident", "note", "seen", "at", "night", **settings)
    (path,) = kept_files(tmp_path)
    assert path.parent == tmp_path / place and str(place) in done.stderr and (path.stat().st_mode & 0o777) == 0o600
    (entry,) = lines(path)
    assert (entry["kind"], entry["what"]) == ("note", "seen at night") and entry["who"].endswith(f"@{HERE}")
    cluster.start()
    command("settings", "list", **settings)
    assert notes(database) == ["seen at night"] and path.read_text() == ""
    command("settings", "list", **settings)
    assert notes(database) == ["seen at night"]


def test_an_incident_is_opened_and_closed_while_the_database_is_away(cluster, database, command):
    cluster.stop("immediate")
    command("incident", "open", "The database is gone")
    assert "an incident is open: The database is gone; close it first" in command("incident", "open", "Two",
                                                                                code=FAILED).stderr
    command("incident", "note", "looking")
    command("incident", "close")
    command("incident", "open", "Again")
    cluster.start()
    assert "incident 2 is open" in command("incident", "open", "Three", code=FAILED).stderr
    report = command("incident", "report", "1").stdout
    assert report.startswith("# Incident 1: The database is gone\n")
    told = [what for _, kind, what in timeline(report)[0] if kind != "migration"]
    assert told == ["The database is gone", "looking", "The database is gone"]


def test_what_was_opened_beside_another_incident_is_a_note(cluster, database, command, tmp_path):
    command("incident", "open", "First")
    cluster.stop("immediate")
    command("incident", "open", "Second")
    cluster.start()
    command("incident", "list")
    assert notes(database) == ["opened while incident 1 was open: Second"]


def test_a_closing_that_was_kept_closes_no_later_incident(cluster, database, command, tmp_path):
    command("incident", "open", "First")
    cluster.stop("immediate")
    command("incident", "close")
    kept = time.monotonic()
    cluster.start()
    eventually(lambda: time.monotonic() - kept > 1)  # nobody is as fast as a program
    elsewhere = {"XDG_STATE_HOME": tmp_path / "another operator's"}
    command("incident", "close", **elsewhere)
    command("incident", "open", "Second", **elsewhere)
    command("incident", "list")
    assert "incident 2 is open" in command("incident", "open", "Third", code=FAILED).stderr
    assert kept_files(tmp_path)[0].read_text() == ""


@pytest.mark.parametrize("action, rows", [(["open", "Once"], ["incident_opened"]),
                                          (["close"], ["incident_opened", "incident_closed"])])
def test_an_incident_whose_answer_was_lost_stands_once(cluster, database, command, action, rows):
    if action == ["close"]:
        command("incident", "open", "Once")
    with FaultProxy(cluster.port) as way, database.connect() as holder, ThreadPoolExecutor() as beside:
        holder.autocommit = False
        holder.execute("LOCK TABLE journal")
        asked = beside.submit(command, "incident", *action, DATABASE_URL=way.way_to(database.url))
        eventually(lambda: database.waiting_for_locks() > 0)
        way.cut()
        assert "this is kept in" in asked.result().stderr
        holder.rollback()
        eventually(lambda: database.waiting_for_locks() == 0)
        command("incident", "list", DATABASE_URL=way.way_to(database.url))
    found = database.rows("SELECT kind FROM journal WHERE kind <> 'migration' ORDER BY id")
    assert [row["kind"] for row in found] == rows


def test_an_entry_that_was_joined_twice_is_there_once(cluster, database, command, tmp_path):
    """A command that was killed before it emptied the file."""
    cluster.stop("immediate")
    command("incident", "open", "Once")
    command("incident", "note", "once")
    (path,) = kept_files(tmp_path)
    text = path.read_text()
    cluster.start()
    for _ in range(2):
        path.write_text(text)
        command("incident", "list")
    assert notes(database) == ["once"] and path.read_text() == ""
    assert database.value("SELECT count(*) FROM journal WHERE kind = 'incident_opened'") == 1


def test_a_line_that_was_cut_off_keeps_nothing_back(cluster, database, command, tmp_path):
    cluster.stop("immediate")
    command("incident", "note", "before")
    (path,) = kept_files(tmp_path)
    with path.open("a") as file:
        file.write('{"at_us":17,"entry":"\n[]\n7\n{"at_us":1,"entry":"7","who":"x","kind":"note","what":"y"}\n')
    command("incident", "note", "behind")
    cluster.start()
    command("incident", "list")
    assert notes(database) == ["before", "behind"]


def test_another_databases_entries_are_left_alone(cluster, database, command):
    other = cluster.create()
    assert run("migrate", DATABASE_URL=other.url).returncode == FINE
    cluster.stop("immediate")
    command("incident", "note", "of the first")
    cluster.start()
    command("incident", "list", DATABASE_URL=other.url)
    assert (notes(database), notes(other)) == ([], [])
    command("incident", "list")
    assert (notes(database), notes(other)) == (["of the first"], [])


def test_what_cant_be_kept_is_said(cluster, database, command, tmp_path):
    """A link isn't followed, and a file has an end."""
    cluster.stop("immediate")
    command("incident", "note", "x")
    (path,) = kept_files(tmp_path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    nowhere = {"HOME": "/proc/none"}
    assert "isn't kept" in command("incident", "note", "x", code=COULD_NOT_ASK, **nowhere).stderr
    assert not os.path.exists(tmp_path / "elsewhere")
    path.unlink()
    path.write_text("x" * (256 * 1024 - 10))
    assert "it is full" in command("incident", "note", "x", code=COULD_NOT_ASK, **nowhere).stderr
