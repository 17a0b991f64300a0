"""Levers: the command `settings`.
What processes make of it stands in api/ and worker/test_levers.py."""
import os
import pty
import re
import subprocess

import pytest

from support.levers import by_hand, settings
from support.ports import free_port
from support.program import LIMITED, binary, environment, run

KEYS = ["llm.provider", "llm.max_concurrency", "llm.daily_tokens",
        *(f"rate_limit.{name.lower()}" for name in LIMITED), "job.retry_base", "job.retry_max", "worker.concurrency",
        *(f"queue.pause.{type}" for type in ("generate_reply", "summarize_thread", "persona_digest", "weekly_digest",
                                          "reset_mail", "verification_mail"))]


@pytest.fixture
def database(own_database):
    """Levers are everybody's."""
    return own_database


def refused(database, *words):
    done = run("settings", *words, DATABASE_URL=database.url)
    assert (done.returncode, done.stdout) == (3, "")
    assert database.count("settings") == 0
    return done.stderr


def test_help_lists_every_lever_with_its_bounds_and_its_meaning():
    done = run("settings", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(r"^  (\S+)  +(\S.*?)  +(\S.*)$", done.stdout, re.MULTILINE)
    assert [key for key, _, _ in rows] == KEYS
    assert ("worker.concurrency", "1 to 4096", "jobs under way in one worker") in rows


@pytest.mark.parametrize("key, written, stored", [
    ("llm.provider", "OpenAI", "openai"), ("llm.max_concurrency", "8", "8"), ("rate_limit.llm", "5/90s", "5/90s"),
    ("rate_limit.auth", "10/60000ms", "10/1m"),
    ("job.retry_base", "1.5s", "1500ms"), ("job.retry_max", "60m", "1h"), ("worker.concurrency", "4096", "4096"),
    ("queue.pause.weekly_digest", "true", "true")])
def test_a_value_is_stored_in_its_one_form_until_it_is_unset(database, key, written, stored):
    assert settings(database, "set", key, written) == f"{key} = {stored} until it is unset\n"
    assert database.row("SELECT key, value, expires_at FROM settings") == {"key": key, "value": stored,
                                                                           "expires_at": None}
    assert settings(database, "unset", key) == f"{key} is as configured again\n"
    assert database.count("settings") == 0
    assert settings(database, "unset", key) == f"{key} was not set\n"


@pytest.mark.parametrize("words", [["llm.provider", "mock", "--for", "30m"], ["--for", "30m", "llm.provider", "mock"],
                                   ["llm.provider", "--for", "1800s", "mock"]])
def test_for_gives_it_an_end_by_the_databases_clock(database, words):
    assert re.fullmatch(r"llm.provider = mock until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n",
                        settings(database, "set", *words))
    assert database.value("SELECT expires_at - updated_at = interval '30 minutes' "
                          "AND updated_at > now() - interval '1 minute' FROM settings")


def test_setting_it_again_gives_it_another_value_and_another_end(database):
    settings(database, "set", "worker.concurrency", "4", "--for", "1h")
    settings(database, "set", "worker.concurrency", "8")
    assert database.row("SELECT value, expires_at FROM settings") == {"value": "8", "expires_at": None}


@pytest.mark.parametrize("key, value, reason", [
    ("llm.provider", "oracle", "must be one of: mock, openai"),
    ("llm.max_concurrency", "0", "must be a whole number within 1 to 100000"),
    ("worker.concurrency", "4097", "within 1 to 4096"), ("worker.concurrency", "many", "must be a whole number"),
    ("rate_limit.llm", "0/1m", "a count and a time like 120/1m"),
    ("rate_limit.llm", "5", "a count and a time"), ("rate_limit.llm", "5/25h", "a count and a time"),
    ("job.retry_base", "2h", "within 1ms to 1h"),
    ("job.retry_max", "0s", "within 1ms to 24h"), ("job.retry_max", "", "a duration like"),
    ("queue.pause.persona_digest", "yes", "must be true or false"),
    ("queue.pause.persona_digest", "TRUE", "must be true or false")])
def test_a_value_that_cannot_be_is_refused_with_the_reason(database, key, value, reason):
    said = refused(database, "set", key, value)
    assert said.startswith(f"personaworlds settings: {key} must be") and reason in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["list", "extra"], ["set"], ["set", "llm.provider"], ["set", "llm.provider", "mock", "extra"],
    ["set", "llm.provider", "mock", "--for"],
    ["set", "llm.provider", "mock", "--nope"], ["set", "llm.model", "x"], ["set", "queue.pause.", "true"],
    ["set", "LLM_PROVIDER", "mock"], ["unset"],
    ["unset", "llm.provider", "--for", "1m"], ["list", "--nope"]])
def test_a_wrong_command_line_is_answered_with_the_levers(database, words):
    said = refused(database, *words)
    assert "Usage: personaworlds settings" in said and all(key in said for key in KEYS)


@pytest.mark.parametrize("time", ["0s", "999ms", "721h", "soon", "-1s", "30"])
def test_a_time_that_cannot_be_is_refused(database, time):
    assert "--for must be a duration like 30m, within 1s to 720h" in refused(database, "set", "llm.provider", "mock",
                                                                             "--for", time)


def test_list_shows_what_is_in_force_in_columns(database):
    assert settings(database, "list") == "no lever is set: everything is as configured\n"
    settings(database, "set", "rate_limit.public_read", "30/1m")
    settings(database, "set", "llm.provider", "mock", "--for", "90m")
    by_hand(database, "job.retry_max", "5m", expires="now() - interval '1 second'")
    header, *lines = settings(database, "list", LLM_PROVIDER="openai", OPENAI_API_KEY="sk-planted-key").splitlines()
    columns = [header.index(name) for name in ("LEVER", "VALUE", "SINCE", "EXPIRES IN", "OTHERWISE")]
    cells = [[line[start:end].strip() for start, end in zip(columns, [*columns[1:], None])] for line in lines]
    assert [[key, value, left, otherwise] for key, value, _, left, otherwise in cells] == [
        ["llm.provider", "mock", cells[0][3], "openai"], ["rate_limit.public_read", "30/1m", "never", "120/1m"]]
    assert cells[0][3] == "1h30m" or re.fullmatch(r"1h29m", cells[0][3])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", since) for _, _, since, _, _ in cells)


def test_list_says_of_a_row_that_nobody_obeys_why(database):
    by_hand(database, "worker.concurrency", "lots")
    by_hand(database, "wrokers", "3")
    said = settings(database, "list")
    assert re.search(r"^worker.concurrency +lots .*not obeyed: worker.concurrency must be a whole number within 1 to "
                     r"4096$", said, re.MULTILINE)
    assert re.search(r"^wrokers .*not obeyed: no such lever$", said, re.MULTILINE)
    assert settings(database, "unset", "wrokers") == "wrokers is as configured again\n"


@pytest.mark.parametrize("no_color, coloured", [(None, True), ("1", False)])
def test_colour_is_for_terminals(database, no_color, coloured):
    settings(database, "set", "worker.concurrency", "4")
    assert "\033" not in settings(database, "list")
    ours, theirs = pty.openpty()
    done = subprocess.run([binary(), "settings", "list"], env=environment(DATABASE_URL=database.url, NO_COLOR=no_color),
                          stdout=theirs, timeout=60)
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0 and "worker.concurrency" in said and ("\033" in said) == coloured


def test_what_ended_long_ago_is_cleared_away(database):
    by_hand(database, "job.retry_max", "5m", expires="now() - interval '2 hours'")
    by_hand(database, "job.retry_base", "5s", expires="now() - interval '1 minute'")
    settings(database, "set", "worker.concurrency", "4")
    assert [row["key"] for row in database.rows("SELECT key FROM settings ORDER BY key")] == ["job.retry_base",
                                                                                              "worker.concurrency"]


@pytest.mark.parametrize("words", [["list"], ["set", "llm.provider", "mock"], ["unset", "llm.provider"]])
def test_without_a_database_it_says_why(words):
    done = run("settings", *words,
               DATABASE_URL=f"postgres://postgres:planted-secret@127.0.0.1:{free_port()}/x?sslmode=disable")
    assert (done.returncode, done.stdout) == (4, "")
    assert "refused" in done.stderr and "planted-secret" not in done.stderr


def test_on_a_schema_without_levers_it_says_why(empty):
    done = run("settings", "list", DATABASE_URL=empty.url)
    assert done.returncode == 1 and 'relation "settings" does not exist' in done.stderr
