"""Settings that can't be read,
and what api and worker do until they are ready, and at the end."""
import json
import time
import uuid

import httpx
import psycopg
import pytest

from support.exposition import Page
from support.faults import FaultProxy
from support.people import new_room, sign_up
from support.ports import free_port
from support.program import JWT_SECRET, MIGRATIONS, Api, Worker, binary, migrate, release_binary, run
from support.waiting import at_once, eventually

BAD_SETTINGS = {
    "PORT": ["0", "x", "65536", "-1", "8080x", " "], "API_THREADS": ["-1", "1000000"],
    "API_REQUEST_TIMEOUT": ["15", "-1s", "x", "1d", "s"],
    "DB_QUERY_TIMEOUT": ["5", "five"], "LLM_PROVIDER": ["nobody"], "LOG_LEVEL": ["loud"], "AUTO_MIGRATE": ["maybe"],
    "REQUEST_BODY_MAX_BYTES": ["-1", "1MB"],
    "MOCK_LLM_FAILURE_RATE": ["2", "-0.1", "x", "nan"], "MOCK_LLM_FAILURE": ["explode"], "DRAFT_MAX_LEN": ["0"],
    "WORKER_CONCURRENCY": ["0"], "APP_ENV": ["staging"],
    "DB_POOLER": ["session", "1", "pgbouncer"],
    "OPENAI_MAX_RETRIES": ["6"],
}


def start_fails(subcommand, step, **settings):
    done = run(subcommand, **{"JWT_SECRET": JWT_SECRET} | settings)
    assert done.returncode == 1
    (line,) = [line for line in map(json.loads, done.stdout.splitlines()) if line["msg"] == "startup_failed"]
    assert (line["step"], line["level"]) == (step, "error")
    return line["error"]


@pytest.mark.parametrize("name, value", [(name, value) for name, values in BAD_SETTINGS.items() for value in values])
def test_an_unreadable_setting_is_named(name, value):
    assert name in start_fails("api", "config", **{name: value})


def test_the_worker_reads_its_settings_as_strictly():
    assert "WORKER_POLL_EVERY" in start_fails("worker", "config", WORKER_POLL_EVERY="soon")


def test_without_a_key_the_default_provider_cannot_be_used():
    assert "OPENAI_API_KEY" in start_fails("api", "config", LLM_PROVIDER="openai")


@pytest.mark.parametrize("settings, name", [
    ({"JWT_SECRET": "short"}, "JWT_SECRET is shorter than 32 bytes"),
    ({"JWT_SECRET": None}, "JWT_SECRET is shorter than 32 bytes"),
    ({"JWT_SECRET": "dev-secret-change-me"}, "JWT_SECRET is a known default"),
    ({"JWT_SECRET": "a" * 40}, "JWT_SECRET has fewer than 6 different bytes"),
    ({"JWT_SECRET": "0123456789abcdef0123456789abcdef0123"}, "JWT_SECRET is a short text again and again"),
    ({"JWT_SECRET": "abcdefghijklmnopqrstuvwxyz0123456789"}, "JWT_SECRET is made of sequences"),
    ({"JWT_SECRET": "abcdefghijklmnopqrstuvwxyz0123456789"}, "openssl rand -hex 32"),
    ({"LLM_PROVIDER": None}, "LLM_PROVIDER"),
])
def test_production_refuses_what_is_only_fit_for_development(settings, name):
    for env in ("prod", "production"):
        assert name in start_fails("api", "config", **{"APP_ENV": env, "LLM_PROVIDER": "mock"} | settings)


def test_the_worker_needs_no_secret_and_takes_no_weak_one(start):
    prod = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}
    assert "JWT_SECRET is a known default" in start_fails("worker", "config", JWT_SECRET="dev-secret", **prod)
    assert "LLM_PROVIDER" in start_fails("worker", "config", **prod | {"LLM_PROVIDER": None})
    assert start(Worker, JWT_SECRET=None, **prod).readiness()[0] == 200


def test_a_setting_may_come_from_a_file(tmp_path, database, start):
    secret = tmp_path / "url"
    secret.write_text(f"{database.url}\n")
    api = start(Api, None, DATABASE_URL_FILE=secret)
    assert api.readiness() == (200, {"ok": True})
    assert "DATABASE_URL_FILE" in start_fails("api", "config", DATABASE_URL_FILE=tmp_path / "nowhere")


UNREADABLE_FILES = {
    "a folder": lambda path: path.mkdir(),
    "empty": lambda path: path.touch(),
    "a line end alone": lambda path: path.write_text("\n"),
    "too long": lambda path: path.write_text("x" * (64 * 1024 + 1)),
    "no text": lambda path: path.write_bytes(b"secret\0more"),
    "not there": lambda path: None,
}


@pytest.mark.parametrize("make", UNREADABLE_FILES.values(), ids=UNREADABLE_FILES)
@pytest.mark.parametrize("name", ["JWT_SECRET", "DATABASE_URL", "PORT"])
def test_a_file_that_is_no_value_is_never_a_default(tmp_path, name, make):
    make(tmp_path / "value")
    broken = {name: None, f"{name}_FILE": tmp_path / "value"}
    for service in ("api", "worker"):
        assert f"{name}_FILE: cannot read" in start_fails(service, "config", **broken)
    for command in (["migrate", "--status"], ["seed"], ["queue", "status"], ["doctor", "settings"]):
        done = run(*command, **broken)
        assert done.returncode != 0 and f"{name}_FILE: cannot read" in done.stdout + done.stderr, command


def test_a_file_of_just_64_kib_is_read(tmp_path):
    (tmp_path / "value").write_text("x" * 64 * 1024 + "\n")
    assert run("doctor", "settings", JWT_SECRET=None, JWT_SECRET_FILE=tmp_path / "value").returncode == 0


def test_a_setting_of_any_kind_may_come_from_a_file(tmp_path):
    values = {"PORT": "8099", "API_REQUEST_TIMEOUT": "9s", "RATE_LIMIT_LLM": "7/1m", "LLM_PROVIDER": "mock",
              "FRONTEND_ORIGIN": "https://people.example/"}
    for name, value in values.items():
        (tmp_path / name).write_text(value)
    done = run("doctor", "settings", **{f"{name}_FILE": tmp_path / name for name in values})
    assert done.returncode == 0 and f"{len(values)} of them set" in done.stdout, done.stdout


def test_an_empty_setting_is_unset(start):
    assert start(Api, LOG_LEVEL="", API_REQUEST_TIMEOUT="", LLM_PROVIDER="")


# Per thread the connections to Postgres, 12 more, a reserve of 64 and 16 clients; the calls to the
# model; 32 of the process. Each thread may make a call.
ENOUGH = [
    (
        2 * (4 + 12 + 64 + 16) + 64 + 32,
        {"API_THREADS": 2, "DB_POOL_SIZE": 4, "LLM_MAX_CONCURRENCY": 64, "LISTEN_ADDRESS": "127.0.0.1"},
    ),
    (4 * (1 + 12 + 64 + 16) + 4 + 32,
     {"API_THREADS": 4, "DB_POOL_SIZE": 1, "LLM_MAX_CONCURRENCY": 2, "LISTEN_ADDRESS": "::"}),
    # Each address has connections of its own, and so has the place for operators.
    (1 * (4 + 12 + 2 * (64 + 16)) + 64 + (64 + 64) + 32,
     {"API_THREADS": 1, "LISTEN_ADDRESS": "127.0.0.1,127.0.0.2", "OBSERVABILITY_LISTEN": f"127.0.0.1:{free_port()}"}),
]


def with_descriptors(folder, count):
    """The program under a limit of file descriptors."""
    program = folder / f"with-{count}"
    program.write_text(f'#!/bin/sh\nulimit -n {count}\nexec {binary()} "$@"\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("enough, settings", ENOUGH)
def test_too_few_file_descriptors_end_the_start_with_the_figure(tmp_path, database, start, enough, settings):
    api = Api(database.url, program=with_descriptors(tmp_path, enough - 1), **settings).launch()
    api.expect_errors("startup_failed")
    error = api.log.wait_for("startup_failed", step="config")["error"]
    api.wait_for_end(code=1)
    assert f"{enough - 1} file descriptors are too few, at least {enough} are needed" in error
    assert start(Api, program=with_descriptors(tmp_path, enough), **settings).is_ready()


def test_a_port_in_use_is_said(api):
    error = start_fails("api", "listen", PORT=api.port, DATABASE_URL=api.settings["DATABASE_URL"])
    assert str(api.port) in error and "in use" in error


def test_the_workers_port_in_use_is_said(api):
    assert str(api.port) in start_fails("worker", "listen", WORKER_OBSERVABILITY_PORT=api.port,
                                        DATABASE_URL=api.settings["DATABASE_URL"])


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_start_without_database_waits_for_it(kind, cluster):
    """The database is made while the process already runs and answers;
    it then migrates by itself."""
    name = f"late_{uuid.uuid4().hex[:8]}"
    service = kind(cluster.url(name)).launch()
    try:
        eventually(lambda: reason(service).startswith("database ping failed: "))
        assert service.client.get("/healthz").json() == {"ok": True}
        assert "process_cpu_seconds_total" in service.metrics()
        service.expect_errors("not_ready", "http_request")
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        eventually(service.is_ready, within=10)
    finally:
        service.stop()


def reason(service):
    try:
        status, body = service.readiness()
    except httpx.TransportError:
        return ""
    return body.get("error", "")


@pytest.mark.parametrize("kind", [Api, Worker])
def test_pending_migrations_are_told_and_nothing_is_served(kind, empty):
    service = kind(empty.url, AUTO_MIGRATE="false").launch()
    try:
        eventually(lambda: reason(service) == f"migrations pending: applied=0 expected={len(MIGRATIONS)}")
        service.expect_errors("not_ready", "http_request")
        assert service.client.get("/healthz").status_code == 200
        assert empty.value("SELECT to_regclass('personas') IS NULL")
        migrate(empty)
        eventually(service.is_ready, within=10)
    finally:
        service.stop()


def test_several_processes_may_start_on_an_empty_database(empty):
    services = [kind(empty.url).launch() for kind in (Api, Api, Worker, Worker)]
    try:
        for service in services:
            eventually(service.is_ready, within=20)
        assert empty.count("schema_migrations") == len(MIGRATIONS)
    finally:
        for service in services:
            service.stop()


def sleeping(database):
    """How many backends are in the slow migration."""
    return database.value("""SELECT count(*) FROM pg_stat_activity
                              WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%'
                                AND state = 'active' AND pid <> pg_backend_pid()""")


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_stop_ends_a_migration_that_is_under_way(kind, empty, tmp_path):
    """At once and without a trace, and the server ends it, too: the next start finds the lock free."""
    slow = tmp_path / "001_slow.sql"
    slow.write_text("CREATE TABLE half_done(); SELECT pg_sleep(600);")
    service = kind(empty.url, MIGRATIONS_DIR=tmp_path).launch()
    eventually(lambda: sleeping(empty) == 1)
    service.stop()
    eventually(lambda: sleeping(empty) == 0)
    assert empty.value("SELECT to_regclass('half_done') IS NULL")
    slow.write_text("CREATE TABLE half_done();")
    service = kind(empty.url, MIGRATIONS_DIR=tmp_path).launch()
    try:
        service.log.wait_for("migration_applied", version="001_slow.sql")
    finally:
        service.stop()


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_stop_ends_a_migration_that_waits_for_a_silent_network(kind, empty, cluster, tmp_path):
    (tmp_path / "001_slow.sql").write_text("SELECT pg_sleep(600);")
    with FaultProxy(cluster.port) as proxy:
        service = kind(proxy.way_to(empty.url), MIGRATIONS_DIR=tmp_path).launch()
        eventually(lambda: sleeping(empty) == 1)
        proxy.silence()
        service.stop()
        proxy.cut()
        proxy.mend()
    eventually(lambda: sleeping(empty) == 0)


def test_a_migration_that_fails_ends_the_start(empty, tmp_path):
    (tmp_path / "001_one.sql").write_text("SELECT nonsense;")
    assert "001_one.sql" in start_fails("api", "run_migrations", DATABASE_URL=empty.url, MIGRATIONS_DIR=tmp_path,
                                        PORT=free_port())


def test_sigterm_says_so_finishes_what_runs_and_ends_with_0(database, start):
    api = start(Api, MOCK_LLM_LATENCY="800ms")
    user = sign_up(api)
    persona, room = user.persona(), new_room(database)

    def stop_meanwhile():
        eventually(lambda: Page(api.metrics()).value("llm_in_flight") == 1)
        api.interrupt()

    answer, _ = at_once(lambda: user.ask_for_draft(persona, room), stop_meanwhile)
    assert answer.status_code == 201
    api.wait_for_end()


def test_start_on_a_migrated_database_is_quick(database):
    """50 ms for the release build; sanitizers are slower."""
    release = release_binary()
    took, most = [], 0.1 if release else 2
    while len(took) < 5 or (min(took) >= most and len(took) < 40):  # a busy machine needs more of them
        api = Api(database.url, program=release)
        started = time.monotonic()
        api.launch()
        eventually(api.is_ready, within=5, pause=0.001)
        took.append(time.monotonic() - started)
        api.stop()
    assert min(took) < most, took
