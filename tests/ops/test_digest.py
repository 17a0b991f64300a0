"""The command `digest rebuild`: the missing generation path, run again."""
import datetime
import uuid

import pytest

from support.people import sign_up
from support.ports import free_port
from support.program import Api, Worker, run
from support.queue import is_settled
from support.waiting import eventually

UNKNOWN = str(uuid.uuid4())


@pytest.fixture
def database(own_database):
    """What is stale is looked for everywhere."""
    return own_database


@pytest.fixture
def api(start):
    return start(Api)


def digest(database, *words, code=0):
    done = run("digest", "rebuild", *map(str, words), DATABASE_URL=database.url)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def days_ago(n):
    return today() - datetime.timedelta(days=n)


def active(database, persona, day, at="12:00"):
    """Activity of that day that no trigger saw, as if its job was lost."""
    database.execute("INSERT INTO persona_activity_events (persona_id, type, created_at) "
                     "VALUES (%s, 'post_created', %s::timestamptz)", persona.id, f"{day} {at}+00")
    database.execute("DELETE FROM jobs WHERE job_type = 'persona_digest'")


def digested(database, persona, day, at):
    database.execute("INSERT INTO persona_digests (persona_id, date, summary, updated_at) "
                     "VALUES (%s, %s, 'It was quiet.', %s::timestamptz)", persona.id, day, at)


def asked(database, type="persona_digest"):
    """Subject and day of each active job."""
    return sorted((str(row["subject"]), row["subject_date"]) for row in database.rows(
        "SELECT coalesce(persona_id, user_id) AS subject, subject_date FROM jobs WHERE job_type = %s "
        "AND status IN ('PENDING', 'PROCESSING')", type))


def past(database, persona):
    """Activity of which some is in its digest: what has none are 1, 3 and 6 days ago."""
    active(database, persona, days_ago(1))
    active(database, persona, days_ago(2))
    active(database, persona, days_ago(3))
    active(database, persona, days_ago(6))
    active(database, persona, days_ago(7))
    digested(database, persona, days_ago(2), f"{days_ago(2)} 12:01+00")
    digested(database, persona, days_ago(3), f"{days_ago(3)} 11:59+00")
    return [(persona.id, days_ago(n)) for n in (6, 3, 1)]


def test_a_personas_missing_days_and_today_are_asked_for_once(database, user):
    persona, bystander = user.persona(), user.persona()
    expected = past(database, persona) + [(persona.id, today())]
    active(database, bystander, days_ago(1))
    assert digest(database, "--persona", persona.id,
                  "--dry-run") == "persona digests to ask for: 4; asked for already: 0\n"
    assert asked(database) == []
    assert digest(database, "--persona", persona.id) == "persona digests asked for: 4; asked for already: 0\n"
    assert asked(database) == expected
    assert digest(database, "--persona", persona.id) == "persona digests asked for: 0; asked for already: 4\n"
    assert digest(database, "--persona", persona.id,
                  "--dry-run") == "persona digests to ask for: 0; asked for already: 4\n"
    assert asked(database) == expected


def test_a_users_weekly_digest_is_asked_for_even_if_it_is_fresh(database, user):
    database.execute("DELETE FROM jobs")
    monday = database.value("SELECT this_monday()")
    database.execute("INSERT INTO weekly_digests (user_id, week_start) VALUES (%s, %s)", user.id, monday)
    assert digest(database, "--user", user.id) == "weekly digests asked for: 1; asked for already: 0\n"
    assert asked(database, "weekly_digest") == [(user.id, monday)]
    assert digest(database, "--user", user.id) == "weekly digests asked for: 0; asked for already: 1\n"


def test_stale_finds_all_that_is_missing_and_nothing_else(database, api, user):
    persona, fresh = user.persona(), user.persona()
    expected = past(database, persona)
    active(database, fresh, days_ago(1))
    digested(database, fresh, days_ago(1), f"{days_ago(1)} 23:00+00")
    monday = database.value("SELECT this_monday()")
    just_made, made_long_ago, away = sign_up(api), sign_up(api), sign_up(api)
    database.execute("INSERT INTO weekly_digests (user_id, week_start) VALUES (%s, %s)", just_made.id, monday)
    database.execute("INSERT INTO weekly_digests (user_id, week_start, updated_at) "
                     "VALUES (%s, %s, now() - interval '7 hours')", made_long_ago.id, monday)
    database.execute("UPDATE users SET created_at = now() - interval '31 days', last_active_at = NULL WHERE id = %s",
                     away.id)
    said = "persona digests {0}: 3\nweekly digests {0}: 2\n"
    assert digest(database, "--stale", "--dry-run") == said.format("to ask for")
    assert asked(database) == asked(database, "weekly_digest") == []
    assert digest(database, "--stale") == said.format("asked for")
    assert asked(database) == expected
    assert asked(database, "weekly_digest") == sorted((person.id, monday) for person in (user, made_long_ago))
    assert digest(database, "--stale") == "persona digests asked for: 0\nweekly digests asked for: 0\n"


def test_stale_goes_through_many_in_batches(database, user):
    """More than two batches."""
    database.execute("""
        WITH made AS (INSERT INTO personas (user_id, name) SELECT %s, 'P' || n FROM generate_series(1, 1100) n
                      RETURNING id)
        INSERT INTO persona_activity_events (persona_id, type) SELECT id, 'post_created' FROM made""", user.id)
    database.execute("DELETE FROM jobs")
    assert digest(database, "--stale").splitlines()[0] == "persona digests asked for: 1100"
    assert database.count("jobs", job_type="persona_digest", status="PENDING") == 1100


def test_a_worker_makes_what_was_asked_for_at_once(database, user, start):
    persona = user.persona()
    active(database, persona, days_ago(1))
    start(Worker, WORKER_POLL_EVERY="60s")
    eventually(lambda: is_settled(database))
    made = database.value("SELECT updated_at FROM weekly_digests WHERE user_id = %s", user.id)
    for words in (["--persona", persona.id], ["--user", user.id]):
        digest(database, *words)
        eventually(lambda: is_settled(database), within=3)
    assert database.count("persona_digests", persona_id=persona.id) == 2
    assert database.value("SELECT updated_at FROM weekly_digests WHERE user_id = %s", user.id) > made
    assert digest(database, "--stale", "--dry-run") == "persona digests to ask for: 0\nweekly digests to ask for: 0\n"


@pytest.mark.parametrize("flag, what", [("--persona", "persona"), ("--user", "user")])
def test_nobody_by_that_id(database, flag, what):
    done = run("digest", "rebuild", flag, UNKNOWN, DATABASE_URL=database.url)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"personaworlds digest: there is no such {what}\n")


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["rebuild"], ["rebuild", "--dry-run"], ["rebuild", "--persona"],
    ["rebuild", "--stale", "--user", UNKNOWN], ["rebuild", "extra", "--stale"],
    ["rebuild", "--persona", UNKNOWN, "--user", UNKNOWN], ["rebuild", "--stale", "--nope"],
    ["rebuild", "--persona", "me"]])
def test_a_wrong_command_line(words):
    done = run("digest", *words)
    assert (done.returncode, done.stdout) == (3, "") and done.stderr.startswith("personaworlds digest: ")
    assert "Usage: personaworlds digest rebuild" in done.stderr or "an id is a UUID" in done.stderr


def test_help():
    done = run("digest", "--help")
    assert (done.returncode, done.stderr) == (0, "") and "--stale" in done.stdout


@pytest.mark.parametrize("words", [["--stale"], ["--user", UNKNOWN]])
def test_without_a_database_it_says_why(words):
    done = run("digest", "rebuild", *words, within=10,
               DATABASE_URL=f"postgres://postgres:planted-secret@127.0.0.1:{free_port()}/x?sslmode=disable")
    assert (done.returncode, done.stdout) == (4, "")
    assert "refused" in done.stderr and "planted-secret" not in done.stderr
