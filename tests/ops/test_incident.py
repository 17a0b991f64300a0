"""`personaworlds incident`: what operators write, what commands do and what processes see, in one
journal that nobody changes."""
import getpass
import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from support.program import Api, Worker, run
from support.roles import as_role
from support.waiting import eventually

FINE, FAILED, USAGE, COULD_NOT_ASK = 0, 1, 3, 4
OPERATOR = f"{getpass.getuser()}@{socket.gethostname()}"


@pytest.fixture
def database(own_database):
    """The journal can't be emptied, so each test has one of its own."""
    return own_database


@pytest.fixture
def incident(database):
    def incident(*words, **settings):
        return run("incident", *words, DATABASE_URL=database.url, **settings)
    return incident


def said(done, code=FINE):
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def whats(database, kind):
    return [row["what"] for row in database.rows("SELECT what FROM journal WHERE kind = %s ORDER BY id", kind)]


def entries(database):
    """[(who, kind, what)] as they were written, behind the migrations of the template."""
    return [tuple(row.values()) for row in database.rows("SELECT who, kind, what FROM journal ORDER BY id")][1:]


# ---- one incident ----


def test_one_incident_is_open_at_a_time(incident):
    assert "there was no incident" in said(incident("list"))
    assert said(incident("open", "Replies", "are", "late")) == "incident 1 is open: Replies are late\n"
    second = said(incident("open", "another"), FAILED)
    assert re.search(rf"incident 1 is open since 20\S+Z, by {OPERATOR}: Replies are late; close it first", second)
    assert said(incident("note", "the worker was stopped")) == "noted\n"
    assert re.match(r"incident 1 is closed after \d+s: Replies are late\n", said(incident("close")))
    assert "no incident is open" in said(incident("close"), FAILED)
    assert said(incident("open", "another")) == "incident 2 is open: another\n"
    listed = said(incident("list")).splitlines()
    assert len(listed) == 3 and re.match(rf"2 +20\S+Z +open +{OPERATOR} +another$", listed[1])
    assert re.match(rf"1 +20\S+Z +20\S+Z +{OPERATOR} +Replies are late$", listed[2])


def test_of_many_who_open_one_at_once_one_does(incident, database):
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(done.returncode for done in pool.map(lambda i: incident("open", f"number {i}"), range(8)))
    assert codes == [FINE] + [FAILED] * 7
    assert len(whats(database, "incident_opened")) == 1


@pytest.mark.parametrize("words, code", [
    (["open"], USAGE), (["open", " "], USAGE), (["open", "x" * 120], FINE), (["open", "ş" * 120], FINE),
    (["open", "x" * 121], USAGE), (["note"], USAGE), (["note", "\n"], USAGE), (["note", "x" * 2000], FINE),
    (["note", "x" * 2001], USAGE), (["close", "1"], USAGE), (["report", "x"], USAGE), (["report", "1", "2"], USAGE),
    (["report", "-1"], USAGE), (["report", "9999999999"], USAGE), (["report", "7"], FAILED), (["report"], FAILED),
    (["report", "--since", "2h"], FINE), (["report", "--since", "0s"], USAGE), (["list", "--since", "2h"], USAGE),
    (["report", "--prometheus", "file:///x"], USAGE), ([], USAGE), (["reopen"], USAGE)])
def test_what_the_command_line_takes(incident, words, code):
    assert said(incident(*words), code)


# ---- what is written down ----


def test_what_operators_do_is_in_it(incident, database):
    def command(*words):
        said(run(*words, DATABASE_URL=database.url))
    command("settings", "set", "llm.provider", "mock", "--for", "30m")
    command("settings", "unset", "llm.provider")
    command("settings", "unset", "llm.provider")  # wasn't set: nothing happened
    command("queue", "pause", "generate_reply")
    command("queue", "resume", "generate_reply")
    command("block", "add", "203.0.113.7", "--for", "1h", "--reason", "scraper")
    command("block", "remove", "203.0.113.7")
    command("digest", "rebuild", "--stale")
    command("digest", "rebuild", "--stale", "--dry-run")
    rows = entries(database)
    assert {row[0] for row in rows} == {OPERATOR}
    patterns = [("lever", r"llm\.provider = mock until 20\S+Z"), ("lever", r"llm\.provider is unset.*"),
                ("lever", r"queue\.pause\.generate_reply = true until it is unset"),
                ("lever", r"queue\.pause\.generate_reply is unset.*"),
                ("block", r"203\.0\.113\.7/32 is refused until 20\S+Z: scraper|203\.0\.113\.7 is refused until .*"),
                ("block", r"203\.0\.113\.7\S* is let in again"),
                ("action", "digests were asked for again: all stale ones")]
    assert len(rows) == len(patterns), rows
    for (_, kind, what), (wanted_kind, pattern) in zip(rows, patterns):
        assert kind == wanted_kind and re.fullmatch(pattern, what), what


def test_what_processes_live_through_is_in_it(database, start):
    api, worker = start(Api), start(Worker)
    names = {f"api@{socket.gethostname()}:{api.port}", f"worker@{socket.gethostname()}:{worker.port}"}
    eventually(lambda: set(whats(database, "readiness")) >= {"ready"})
    worker.stop()
    api.stop()
    rows = entries(database)
    assert {who for who, _, _ in rows} == names
    for name in names:
        told = [(kind, what) for who, kind, what in rows if who == name]
        assert told[0][0] == "process" and re.match(r"started: version \S+ \(\w+\)$", told[0][1])
        assert ("readiness", "ready") in told and told[-1] == ("process", "stopping, as it was told")


def test_a_levers_end_is_in_it_once_however_many_processes_see_it(database, start):
    start(Api), start(Api), start(Worker)
    said(run("settings", "set", "rate_limit.llm", "5/1m", "--for", "1s", DATABASE_URL=database.url))
    ended = ["rate_limit.llm expired: it is as configured again"]
    eventually(lambda: whats(database, "lever")[1:] == ended)
    said(run("settings", "set", "rate_limit.llm", "6/1m", "--for", "1s", DATABASE_URL=database.url))
    eventually(lambda: whats(database, "lever")[3:] == ended)


def test_migrations_are_in_it(cluster):
    database = cluster.create()
    try:
        said(run("migrate", DATABASE_URL=database.url))
        (what,) = whats(database, "migration")
        assert re.fullmatch(r"applied \d+ migrations, up to \d{3}_\w+\.sql", what)
        said(run("migrate", DATABASE_URL=database.url))
        assert len(whats(database, "migration")) == 1
    finally:
        database.drop()


def test_what_triage_and_verify_found_is_in_it(database):
    nowhere = {"PORT": 1, "WORKER_OBSERVABILITY_PORT": 1}
    said(run("triage", "--sample", "100ms", DATABASE_URL=database.url, **nowhere), FAILED)
    (found,) = whats(database, "triage")
    assert found.startswith("found ") and "api_down: An API doesn't answer" in found and "worker_down: " in found
    run("verify", "--for", "1s", "--every", "200ms", DATABASE_URL=database.url, **nowhere)
    (found,) = whats(database, "verify")
    assert re.match(r"not recovered: not all held for 1s; broken at the end: readyz \(.*worker_healthz \(", found)


# ---- what may stand in it ----


def test_texts_are_plain_and_have_no_secrets(incident, database):
    secret = "a-token-that-nobody-may-see-0123456789"
    text = f"a\nb\x1b[31m\u202e é postgres://u:hush%40pw@db:5432/x password=hush {secret}"
    said(incident("note", text, METRICS_TOKEN=secret))
    assert whats(database, "note") == ["a\\nb\\u001b[31m\\u202e é postgres://u:***@db:5432/x password=*** ***"]
    said(run("incident", "note", b"broken \xff\xfe", DATABASE_URL=database.url))
    assert whats(database, "note")[1] == "broken \\xff\\xfe"


def test_a_report_is_markdown_whatever_stands_in_it(incident, database):
    said(incident("open", "*stars* | pipes <b>"))
    database.execute("INSERT INTO journal (at, who, kind, what) "
                     "VALUES (now(), 'x|y', 'by_hand', E'a\\nb`c` [d](e) _f_ g_h')")
    report = said(incident("report"))
    assert report.startswith("# Incident 1: \\*stars\\* \\| pipes \\<b\\>\n")
    (row,) = [line for line in report.splitlines() if "by\\_hand" in line or "by_hand" in line]
    assert row.endswith("| x\\|y | by_hand | a\\\\u000ab\\`c\\` \\[d\\](e) \\_f\\_ g_h |")


# ---- nobody changes it ----


@pytest.mark.parametrize("role", ["postgres", "owner", "api", "worker", "ops"])
@pytest.mark.parametrize("change", ["UPDATE journal SET what = 'x'", "DELETE FROM journal", "TRUNCATE journal"])
def test_nobody_changes_an_entry(database, incident, role, change):
    said(incident("note", "true"))
    url = database.url if role == "postgres" else as_role(database.url, role)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(change)
    assert whats(database, "note") == ["true"]


def test_entries_go_when_they_are_old(database, start, incident):
    for days in (31, 29.5, 28):
        database.execute("INSERT INTO journal (at, recorded_at, who, kind, what) VALUES (now(), now() - %s * "
                         "interval '1 day', 'x', 'note', %s)", days, str(days))
    for kind in ("opened", "closed"):
        database.execute("INSERT INTO journal (at, recorded_at, who, kind, what, incident) VALUES (now(), now() - "
                         "interval '31 days', 'x', %s, 'Old', 7)", f"incident_{kind}")
    start(Worker, JOURNAL_RETENTION="720h")
    eventually(lambda: whats(database, "note") == ["29.5", "28"])
    assert "incident 8 is open" in said(incident("open", "Next"))  # numbers go on


def test_an_entry_that_the_table_refuses_keeps_none_back(database, start):
    database.execute("ALTER TABLE journal ADD CONSTRAINT no_starts CHECK (kind <> 'process') NOT VALID")
    api = start(Api)
    api.expect_errors("journal_entry_refused")
    eventually(lambda: whats(database, "readiness"), within=30)
    assert api.log.find("journal_entry_refused") and whats(database, "process") == []


# ---- reports ----


def test_a_report_is_one_timeline_and_what_is_to_fill_in(incident):
    said(incident("note", "it began before"))
    said(incident("open", "First"))
    said(incident("close"))
    said(incident("open", "Second"))
    said(incident("note", "and this"))
    latest, first = said(incident("report")), said(incident("report", "1"))
    assert latest.startswith("# Incident 2: Second\n\n- Opened ") and "- Still open\n" in latest
    assert "it began before" in first and "and this" not in first and "- Closed " in first
    assert [line for line in latest.splitlines() if line.startswith("## ")] == [
        "## Timeline", "## Root cause", "## Preventive action"]
    whats_of_it = re.findall(r"^\| 20.*\| (.*) \|$", latest, re.MULTILINE)
    assert whats_of_it[-5:] == ["it began before", "First", "First", "Second", "and this"]
    times = re.findall(r"^\| (20\S+ \S+) \|", latest, re.MULTILINE)
    assert times == sorted(times) and len(times) >= 5


class Alerts(BaseHTTPRequestHandler):
    """A Prometheus in which an alert fired for a minute, from the middle of what is asked for."""

    def do_GET(self):
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        assert asked["query"] == 'ALERTS{alertstate="firing",severity!="watchdog"}'
        begin = int(asked["end"]) - 600
        values = [[begin + i * int(asked["step"]), "1"] for i in range(5)]
        ending = [[int(asked["end"]), "1"]]  # fires still
        body = json.dumps({"status": "success", "data": {"result": [
            {"metric": {"alertname": "ApiDown", "severity": "page"}, "values": values},
            {"metric": {"alertname": "Late|x", "severity": "ticket"}, "values": ending}]}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_alerts_are_in_the_timeline_where_a_prometheus_is_named(incident):
    said(incident("open", "Alerted"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Alerts) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        report = said(incident("report", "--prometheus", f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
    rows = re.findall(r"^\| (20\S+ \S+) \| (\S+) \| (\w+) \| (.*) \|$", report, re.MULTILINE)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert [row[3] for row in rows if row[1:3] == ("prometheus", "alert")] == [
        "ApiDown (page) fires", "ApiDown (page) fires no longer", "Late\\|x (ticket) fires"]
    away = said(incident("report", "--prometheus", f"http://127.0.0.1:{server.server_port}"))
    assert "- Alerts aren't in it: the Prometheus couldn't be asked (" in away


def test_without_an_open_incident_since_reports_what_there_was(incident):
    said(incident("open", "First"))
    said(incident("close"))
    assert said(incident("report", "--since", "1h")).startswith("# What happened\n\n- This timeline: from ")
    assert said(incident("report", "1", "--since", "1h")).startswith("# Incident 1: First\n")
    assert said(incident("report")).startswith("# Incident 1: First\n")


def test_a_command_works_where_the_journal_isnt_there_yet(incident, database):
    """An operator's lever must not wait for a migration."""
    database.execute("ALTER TABLE journal RENAME TO no_journal")
    done = run("settings", "set", "llm.provider", "mock", DATABASE_URL=database.url)
    assert done.returncode == FINE and "this is kept in " in done.stderr
    database.execute("ALTER TABLE no_journal RENAME TO journal")
    joined = run("settings", "list", DATABASE_URL=database.url)
    assert "1 entry was kept while the journal couldn't be written, and is in it now" in joined.stderr
    assert whats(database, "lever") == ["llm.provider = mock until it is unset"]
    assert "kept" not in said(run("settings", "list", DATABASE_URL=database.url))
