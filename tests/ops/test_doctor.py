"""`doctor` before a start.
Nothing it says may have a secret, and nothing that is away keeps it longer than 3 s."""
import datetime
import os
import pty
import re
import socket
import subprocess
import time

import pytest

from fakes.openai import FakeProvider, models, self_signed, status
from support.faults import FaultProxy
from support.ports import free_port
from support.postgres import Cluster
from support.program import JWT_SECRET, MIGRATIONS, SLOWER, Worker, binary, environment, migrate, run
from support.redis import Redis
from support.waiting import eventually

CHECKS = ["settings", "secrets", "files", "ports", "database", "roles", "direct_database", "migrations", "clock",
          "redis", "mail", "provider"]
FINE, PROBLEMS, WARNINGS, USAGE, COULD_NOT_LOOK = range(5)
OPENAI = {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": "sk-planted", "OPENAI_MODEL": "small"}


@pytest.fixture(scope="module")
def surroundings(database):
    """Everything as it should be."""
    return {"DATABASE_URL": database.url, "JWT_SECRET": JWT_SECRET, "PORT": free_port(),
            "WORKER_OBSERVABILITY_PORT": free_port()}


def doctor(*checks, **settings):
    """Exit code, and the findings as (check, verdict, sentence, remedy)."""
    began = time.monotonic()
    done = run("doctor", *checks, **settings)
    assert time.monotonic() - began < 20 * SLOWER and done.stderr == ""
    assert "planted" not in done.stdout and JWT_SECRET not in done.stdout and "\033" not in done.stdout
    lines = re.findall(r"^(\w+) +(ok|warning|problem|unknown) +(.+)\n(?: +-> (.+)\n)?", done.stdout, re.MULTILINE)
    # And the sum.
    assert len(lines) + sum(bool(remedy) for *_, remedy in lines) == len(done.stdout.splitlines()) - 1, done.stdout
    return done.returncode, lines


def as_role(login, url):
    return re.sub("//[^@]*@", f"//{login}@", url)


def finds(check, verdict, words, **settings):
    """This check alone gives one such finding (among good ones), and what to do."""
    code, lines = doctor(check, **settings)
    (finding,) = [line for line in lines if line[1] != "ok"] or lines[:1]
    assert (finding[0], finding[1]) == (check, verdict) and re.search(words, finding[2]), finding
    assert code == {"ok": FINE, "warning": WARNINGS, "problem": PROBLEMS, "unknown": COULD_NOT_LOOK}[verdict]
    assert verdict in ("ok", "unknown") or finding[3], "and what is one to do?"
    return finding


def test_all_is_well(surroundings):
    code, lines = doctor(**surroundings)
    assert (code, {verdict for _, verdict, _, _ in lines}) == (FINE, {"ok"})
    assert list(dict.fromkeys(check for check, *_ in lines)) == CHECKS


def test_the_checks_are_listed_and_can_be_chosen(surroundings):
    for flag in ("--list", "--help"):
        done = run("doctor", flag)
        assert done.returncode == FINE and [name for name in re.findall(r"^  (\w+)  +\S", done.stdout, re.MULTILINE)
                                            if name in CHECKS] == CHECKS
    assert [check for check, *_ in doctor("clock", "secrets", **surroundings)[1]] == ["secrets", "clock"]


@pytest.mark.parametrize("words", [["nonsense"], ["--nope"], ["database", "--list"], ["settings", "nonsense"]])
def test_what_it_does_not_know_is_a_wrong_usage(words):
    done = run("doctor", *words)
    assert (done.returncode, done.stdout) == (USAGE, "") and "Usage: personaworlds doctor" in done.stderr


@pytest.mark.parametrize("check, verdict, words, settings", [
    ("settings", "problem", "DRAFT_MAX_LEN must be a whole number within 40 to 10000", {"DRAFT_MAX_LEN": "7"}),
    ("settings", "problem", "JWT_SECRET_FILE: cannot read /nowhere/key",
     {"JWT_SECRET": "", "JWT_SECRET_FILE": "/nowhere/key"}),
    ("settings", "problem", "CORS_ALLOWED_ORIGINS must name each origin",
     {"APP_ENV": "prod", "CORS_ALLOWED_ORIGINS": "*"}),
    ("settings", "problem", "CORS_ALLOWED_ORIGINS must have origins.*https://a.org/path",
     {"CORS_ALLOWED_ORIGINS": "https://a.org/path"}),
    ("settings", "problem", "FRONTEND_ORIGIN must have origins", {"FRONTEND_ORIGIN": "example.org"}),
    ("settings", "problem", "TRUSTED_PROXIES must be networks.*10.0.0.0/33",
     {"TRUSTED_PROXIES": "10.0.0.0/8, 10.0.0.0/33"}),
    ("settings", "problem", "AUTO_MIGRATE needs DATABASE_DIRECT_URL",
     {"AUTO_MIGRATE": "1", "DB_POOLER": "transaction"}),
    ("secrets", "warning", "JWT_SECRET is shorter than 32 bytes: anybody could", {"JWT_SECRET": "planted"}),
    ("secrets", "problem", "JWT_SECRET is a known default: anybody could",
     {"JWT_SECRET": "dev-secret-change-me", "APP_ENV": "prod"}),
    ("secrets", "problem", "JWT_SECRET is shorter than 32 bytes: anybody could", {"JWT_SECRET": "", "APP_ENV": "prod"}),
    ("secrets", "problem", "JWT_SECRET is a short text again and again",
     {"JWT_SECRET": "0123456789abcdef0123456789abcdef0123", "APP_ENV": "prod"}),
    ("secrets", "problem", "OPENAI_API_KEY must be set", {"LLM_PROVIDER": "openai"}),
    ("files", "problem", "/nowhere", {"MIGRATIONS_DIR": "/nowhere"}),
    ("database", "problem", "can't be used", {"DATABASE_URL": "postgres://me:pl@anted@localhost/planted"}),
    ("redis", "problem", "REDIS_URL must be redis:// or rediss://", {"REDIS_URL": "http://planted"}),
    ("provider", "problem", "LLM_PROVIDER must be set", {"APP_ENV": "prod"}),
    ("provider", "warning", "the built-in mock writes", {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}),
    ("provider", "problem", "OPENAI_BASE_URL must start with http", OPENAI | {"OPENAI_BASE_URL": "localhost:1234"}),
])
def test_what_the_settings_alone_tell(surroundings, check, verdict, words, settings):
    finds(check, verdict, words, **surroundings | settings)


def test_every_setting_that_cannot_be_read_is_named(surroundings):
    code, lines = doctor("settings",
                         **surroundings | {"API_THREADS": "many", "JOB_RETRY_BASE": "30", "RATE_LIMIT_LLM": "planted"})
    assert code == PROBLEMS and [sentence.split()[0]
                                 for *_, sentence, _ in lines] == ["API_THREADS", "RATE_LIMIT_LLM", "JOB_RETRY_BASE"]


# ---- ports


def test_a_port_may_be_held_by_the_running_service_itself(surroundings, start):
    worker = start(Worker)
    own = surroundings | {"WORKER_OBSERVABILITY_PORT": worker.port}
    code, lines = doctor("ports", **own)
    assert code == FINE and "a personaworlds worker listens there" in lines[1][2]
    finds("ports", "problem", "a personaworlds worker listens there, not the API",
          **own | {"PORT": worker.port, "WORKER_OBSERVABILITY_PORT": free_port()})


def test_a_port_that_another_program_holds_is_a_problem(surroundings):
    with socket.create_server(("127.0.0.1", surroundings["PORT"])):
        remedy = finds("ports", "problem", f"PORT.*{surroundings['PORT']}: Address already in use", **surroundings)[3]
        assert f"ss -ltnp 'sport = :{surroundings['PORT']}'" in remedy
    both = free_port()
    finds("ports", "warning", "are the same", **surroundings | {"PORT": both, "WORKER_OBSERVABILITY_PORT": both})


# ---- the database


def test_a_database_that_is_away_is_told_from_one_that_refuses(surroundings, database):
    away = {"DATABASE_URL": f"postgres://postgres:planted@127.0.0.1:{free_port()}/x"}
    finds("database", "problem", "doesn't answer.*refused", **surroundings | away)
    for refused in (as_role("nobody:planted", database.url), database.url.replace(database.name, "nothing")):
        assert "DATABASE_URL" not in finds("database", "problem", "Postgres is there, but refuses us.*does not exist",
                                           **surroundings | {"DATABASE_URL": refused})[3]
    code, lines = doctor(**surroundings | away)
    assert code == PROBLEMS and [check for check, verdict, *_ in lines
                                 if verdict == "unknown"] == ["roles", "direct_database", "migrations", "clock"]
    finds("migrations", "unknown", "not looked at", **surroundings | away)


def test_a_wrong_password_is_told_from_a_server_that_is_away(surroundings):
    with Cluster() as cluster:
        admin = cluster.create()
        admin.execute("CREATE ROLE app LOGIN PASSWORD 'planted-right'")
        admin.execute("GRANT CREATE ON SCHEMA public TO app")
        (cluster.data / "pg_hba.conf").write_text(
            "host all app 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n")
        admin.execute("SELECT pg_reload_conf()")
        right, wrong = (surroundings | {"DATABASE_URL": as_role(f"app:planted-{word}", admin.url)}
                        for word in ("right", "wrong"))
        eventually(lambda: finds("database", "problem",
                                 "Postgres is there, but refuses us.*password authentication failed", **wrong))
        finds("database", "ok", "answers", **right)


def test_a_database_that_stands_still_keeps_nobody(surroundings, cluster):
    cluster.freeze()
    try:
        code, lines = doctor(**surroundings)
    finally:
        cluster.thaw()
    assert code == PROBLEMS and ("database", "problem") in [line[:2] for line in lines] and ("provider", "ok") in [
        line[:2] for line in lines]


def test_a_slow_way_to_the_database_is_a_warning(surroundings, cluster, database):
    with FaultProxy(cluster.port) as way:
        way.delay = 0.015  # in each direction
        finds("database", "warning", r"an answer takes [3-9]\d\.\d ms",
              **surroundings | {"DATABASE_URL": database.url.replace(f":{cluster.port}", f":{way.port}")})


@pytest.mark.parametrize("delay", [0.15, 0.3, 0.6])  # in each direction
def test_a_very_slow_database_is_slow_and_no_name_that_cannot_be_looked_up(surroundings, cluster, database, delay):
    with FaultProxy(cluster.port) as way:
        way.delay = delay
        url = database.url.replace(f":{cluster.port}", f":{way.port}")
        code, lines = doctor("database", **surroundings | {"DATABASE_URL": url})
    text = str(lines)
    assert code in (PROBLEMS, 2) and re.search("slow|no answer within", text)
    assert "looked up" not in text and "getent" not in text


def test_a_database_that_lets_us_do_too_little_is_a_problem(surroundings, cluster, database):
    finds("database", "problem", "can only be read",
          **surroundings | {"DATABASE_URL": database.url + "&options=-cdefault_transaction_read_only%3Don"})
    database.execute("CREATE ROLE guest LOGIN")
    try:
        finds("roles", "problem", "may not create tables",
              **surroundings | {"DATABASE_URL": as_role("guest", database.url)})
    finally:
        database.execute("DROP ROLE guest")
    finds("database", "warning", r"take \d+ connections", **surroundings | {"API_THREADS": 64, "DB_POOL_SIZE": 64})


def test_a_pooler_is_no_direct_way(surroundings, database, pooler):
    through = surroundings | {"DATABASE_URL": pooler.url(database.name)}
    finds("direct_database", "problem", "leads to a pooler", **through)
    finds("direct_database", "warning", "not set", **through | {"DB_POOLER": "transaction"})
    finds("direct_database", "ok", "heard",
          **through | {"DB_POOLER": "transaction", "DATABASE_DIRECT_URL": database.url})
    finds("direct_database", "problem", "isn't heard",
          **through | {"DB_POOLER": "transaction", "DATABASE_DIRECT_URL": database.cluster.url()})


def test_migrations_are_pending_changed_or_unknown(surroundings, empty):
    on_empty = surroundings | {"DATABASE_URL": empty.url}
    finds("migrations", "warning", rf"{len(MIGRATIONS)} pending \({MIGRATIONS[0]} and on\); a service applies them",
          **on_empty)
    finds("migrations", "problem", "nobody applies them", **on_empty | {"AUTO_MIGRATE": "0"})
    migrate(empty)
    empty.execute("DELETE FROM schema_migrations WHERE version = %s", MIGRATIONS[-1])
    finds("migrations", "warning", rf"1 pending \({MIGRATIONS[-1]}\)", **on_empty)
    migrate_again = "INSERT INTO schema_migrations (version, checksum) VALUES (%s, %s)"
    empty.execute(migrate_again, MIGRATIONS[-1], "changed")
    finds("migrations", "problem", f"changed after it was applied: {MIGRATIONS[-1]}", **on_empty)
    empty.execute("UPDATE schema_migrations SET checksum = NULL")
    empty.execute(migrate_again, "999_of_the_next_release.sql", None)
    finds("migrations", "warning", "newer program: 999_of_the_next_release.sql", **on_empty)


def test_a_table_that_somebody_holds_keeps_nobody(surroundings, database):
    """A second, which is as long as an answer may take."""
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE schema_migrations")
        finds("migrations", "problem", "no answer within 1000 ms", **surroundings)


def test_clocks_that_disagree(surroundings):
    now = datetime.datetime.now(datetime.timezone.utc)
    with Cluster(time=now - datetime.timedelta(seconds=5)) as cluster:
        other = surroundings | {"DATABASE_URL": cluster.url()}
        finds("clock", "warning", r"5\.\d s behind this machine's", **other)
        cluster.clock.set(now + datetime.timedelta(minutes=5))
        finds("clock", "problem", r"\d{3}\.\d s ahead of this machine's", **other)


# ---- the others


def test_redis(surroundings):
    with Redis("planted-password") as redis:
        finds("redis", "ok", r"answers in \d+\.\d ms", **surroundings | {"REDIS_URL": redis.url})
        finds("redis", "problem", "WRONGPASS",
              **surroundings | {"REDIS_URL": redis.url.replace("password", "nonsense")})
        redis.freeze()
        finds("redis", "problem", "timed out", **surroundings | {"REDIS_URL": redis.url})
        redis.thaw()
    finds("redis", "problem", "refused", **surroundings | {"REDIS_URL": redis.url})


def provider_finds(verdict, words, **settings):
    """Among all checks: by name it would let the model write (test_provider_troubles.py)."""
    (finding,) = [line for line in doctor(**settings)[1] if line[0] == "provider"]
    assert finding[1] == verdict and re.search(words, finding[2]), finding
    assert verdict == "ok" or finding[3], "and what is one to do?"


def test_the_models_server(surroundings, tmp_path):
    with FakeProvider() as provider:
        settings = surroundings | OPENAI | {"OPENAI_BASE_URL": provider.url}
        provider.models = models("large", "small:latest")
        provider_finds("ok", "answers and has small", **settings)
        assert provider.requests[0].headers["authorization"] == "Bearer sk-planted"
        for step, verdict, words in [(models("large"), "warning", "doesn't list the model small"),
                                     (status(401), "problem", r"refuses the key \(401\)"),
                                     (status(404), "warning", "lists no models"),
                                     (status(500), "problem", "answers 500"),
                                     (status(200, body=[]), "warning", "something else")]:
            provider.models = step
            provider_finds(verdict, words, **settings)
        assert {request.path for request in provider.requests} == {"/v1/models"}
    provider_finds("problem", "can't be reached.*connect",
                   **settings | {"OPENAI_BASE_URL": provider.url.replace("://", "://me:planted@")})
    with FakeProvider(tls=self_signed(tmp_path)) as provider:
        provider_finds("problem", "can't be reached.*certificate", **settings | {"OPENAI_BASE_URL": provider.url})


@pytest.mark.parametrize("no_color, coloured", [(None, True), ("1", False)])
def test_colour_is_for_terminals(surroundings, no_color, coloured):
    ours, theirs = pty.openpty()
    done = subprocess.run([binary(), "doctor", "secrets"], env=environment(**surroundings, NO_COLOR=no_color),
                          stdout=theirs, timeout=60)
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == FINE and "JWT_SECRET" in said and ("\033" in said) == coloured
