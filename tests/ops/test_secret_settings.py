"""CONFIG.md: URLs with a password in them, and values from files.
What can't be read is a start error that names the setting and quotes nothing of it."""
import json
import re
import socket
import threading
import urllib.parse

import psycopg
import pytest

from support.ports import free_port
from support.program import JWT_SECRET, Api, Worker, run
from support.waiting import eventually

# Pieces of the password: whichever a parser takes for a host, a port or a path, it is found again.
PIECES = ("Plant1ng", "Plant2ng")
SERVICES = ["api", "worker"]
COMMANDS = [("migrate",), ("migrate", "--status"), ("seed",), ("triage",), ("doctor",), ("queue", "status"),
            ("settings", "list"), ("block", "list"),
            ("digest", "rebuild", "--stale"), ("verify", "--for", "1s", "--every", "1s"), ("up",)]
MALFORMED = {
    "percent": "postgres://postgres:Plant1ng%Plant2ng@localhost:1/x",
    "at": "postgres://postgres:Plant1ng@Plant2ng@localhost:1/x",
    "at, the second encoded": "postgres://postgres:Plant1ng@Plant2ng%40localhost:1/x",
    "slash": "postgres://postgres:Plant1ng/Plant2ng@localhost:1/x",
    "slash after digits": "postgres://postgres:12/Plant2ng@localhost:1/x",
    "question mark": "postgres://postgres:Plant1ng?Plant2ng@localhost:1/x",
    "port": "postgres://postgres@localhost:Plant1ng/x",
    "no host": "postgres://postgres:Plant1ng/Plant2ng",
    "scheme": "postgre://postgres:Plant1ng@Plant2ng/x",
    "sslmode": "postgres://postgres@localhost:1/x?sslmode=Plant1ng",
    "words": "host=localhost port=1 password=Plant1ng Plant2ng",
}
MALFORMED_REDIS = {
    "percent": "redis://me:Plant1ng%Plant2ng@localhost:1",
    "at": "redis://me:Plant1ng@Plant2ng@localhost:1",
    "at, the second encoded": "redis://me:Plant1ng@Plant2ng%40localhost:1",
    "slash": "redis://me:Plant1ng/Plant2ng@localhost:1",
}
PASSWORD = "Plant1ng%@/: Plant2ng"


def ports():
    return {"PORT": free_port(), "WORKER_OBSERVABILITY_PORT": free_port(), "JWT_SECRET": JWT_SECRET}


def output(*command, cwd=None, **settings):
    """All that the program says; none of it is a piece of the password."""
    where = ("--api", "http://127.0.0.1:1", "--worker",
             "http://127.0.0.1:1") if command[0] in ("triage", "verify") else ()
    done = run(*command, *where, within=20, cwd=cwd, **ports() | settings)
    said = done.stdout + done.stderr
    assert not [piece for piece in PIECES if piece.lower() in said.lower()], said
    return done.returncode, said


def refuses(command, name, cwd, **settings):
    code, said = output(*command, cwd=cwd, **settings)
    assert code not in (0, 3) and re.search(rf"\b{name}\b", said), said
    if command[0] in SERVICES:
        (line,) = [line for line in map(json.loads, said.splitlines()) if line["msg"] == "startup_failed"]
        assert (code, line["step"]) == (1, "config") and line["error"].startswith(name)
    return said


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("setting", ["DATABASE_URL", "DATABASE_DIRECT_URL"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_malformed_database_url_ends_a_services_start(service, setting, case, tmp_path):
    refuses((service,), setting, tmp_path, **{setting: MALFORMED[case]})


@pytest.mark.parametrize("case", ["percent", "at", "slash", "port"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_quotes_a_malformed_database_url(command, case, tmp_path):
    refuses(command, "DATABASE_URL", tmp_path, DATABASE_URL=MALFORMED[case])


@pytest.mark.parametrize("case", MALFORMED_REDIS)
@pytest.mark.parametrize("command", [("api",), ("worker",), ("migrate",), ("doctor",)], ids=" ".join)
def test_a_malformed_redis_url_is_refused_unquoted(command, case, tmp_path):
    refuses(command, "REDIS_URL", tmp_path, REDIS_URL=MALFORMED_REDIS[case],
            DATABASE_URL="postgres://postgres@127.0.0.1:1/x")


@pytest.mark.parametrize("place", ["Plant1ng@Plant2ng@localhost:1", "Plant1ng/Plant2ng@localhost:1",
                                   "12/Plant2ng@localhost:1", "Plant1ng?Plant2ng@localhost:1"])
@pytest.mark.parametrize("command", [("api",), ("worker",), ("doctor", "provider")], ids=" ".join)
def test_a_password_in_the_providers_address_is_neither_quoted_nor_looked_up(command, place, tmp_path):
    code, said = output(*command, cwd=tmp_path, LLM_PROVIDER="openai", OPENAI_API_KEY="a-key-for-nobody",
                        OPENAI_BASE_URL=f"http://me:{place}/v1")
    assert code == 1 and "OPENAI_BASE_URL must have '@'" in said, said


def test_doctor_shows_the_providers_address_without_password(tmp_path):
    code, said = output("doctor", "provider", cwd=tmp_path, LLM_PROVIDER="openai", OPENAI_API_KEY="a-key-for-nobody",
                        OPENAI_BASE_URL="http://me:Plant1ng%40@127.0.0.1:1/v1")
    assert code == 1 and "http://127.0.0.1:1/v1, model gpt-4o-mini: nobody answers" in said, said


def test_a_missing_key_is_told_without_the_address(tmp_path):
    said = refuses(("api",), "OPENAI_API_KEY", tmp_path, LLM_PROVIDER="openai",
                   OPENAI_BASE_URL="https://api.openai.com/v1/Plant1ng")
    assert "must be set" in said


def test_a_key_in_the_query_of_the_providers_address_is_refused_unquoted(tmp_path):
    said = refuses(("api",), "OPENAI_BASE_URL", tmp_path, LLM_PROVIDER="openai", OPENAI_API_KEY="a-key-for-nobody",
                   OPENAI_BASE_URL="http://127.0.0.1:1/v1?key=Plant1ng")
    assert "must end before a query" in said


def encoded(database, password):
    parts = urllib.parse.urlsplit(database.url)
    return parts._replace(
        netloc=f"postgres:{urllib.parse.quote(password, safe='')}@{parts.hostname}:{parts.port}").geturl()


@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_password_with_all_of_them_works_percent_encoded(kind, database, start):
    assert start(kind, None, DATABASE_URL=encoded(database, PASSWORD)).readiness() == (200, {"ok": True})


def test_and_in_the_commands(database):
    for command in (("migrate",), ("seed",), ("queue", "status"), ("settings", "list")):
        code, said = output(*command, DATABASE_URL=encoded(database, PASSWORD))
        assert code == 0, said


FILES = {
    "a folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_text(""),
    "only line ends": lambda path: path.write_text("\n\r\n"),
    "too large": lambda path: path.write_text("x" * (64 * 1024 + 1)),
    "too large by line ends": lambda path: path.write_text("x" + "\n" * 65 * 1024),
    "a byte that ends texts": lambda path: path.write_bytes(b"Plant1ng\0Plant2ng"),
    "missing": lambda path: None,
}


def unreadable(tmp_path, content):
    path = tmp_path / "value"
    FILES[content](path)
    return path


@pytest.mark.parametrize("content", FILES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_takes_a_default_in_place_of_a_file(command, content, tmp_path):
    refuses(command, "DATABASE_URL_FILE", tmp_path, DATABASE_URL_FILE=unreadable(tmp_path, content))


@pytest.mark.parametrize("content", FILES)
def test_doctor_says_so_of_each_setting(content, tmp_path):
    names = ["JWT_SECRET", "DATABASE_URL", "PORT", "REDIS_URL"]
    files = {f"{name}_FILE": unreadable(tmp_path, content)
             for name in names[:1]} | {f"{name}_FILE": tmp_path / "value" for name in names[1:]}
    code, said = output("doctor", "settings", "redis", **dict.fromkeys(names) | files)
    assert code == 1 and all(re.search(rf"^settings +problem +{name}: cannot read {tmp_path}/value: ", said,
                                       re.MULTILINE) for name in files), said
    assert re.search("^redis +unknown +not looked at, as REDIS_URL can't be read", said, re.MULTILINE), said


def test_a_secret_in_place_of_the_files_path_is_not_shown(tmp_path):
    said = refuses(("api",), "JWT_SECRET_FILE", tmp_path, JWT_SECRET=None,
                   JWT_SECRET_FILE="Plant1ng-and-thirty-two-bytes-of-it")
    assert "the file that it names" in said


class Refusing:
    """A server that answers every connection with an error that quotes what it was sent,
    as Postgres quotes names."""

    def __init__(self, text):
        self.answer = b"SFATAL\0C3D000\0M" + text.encode() + b"\0\0"
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.listening.accept()
            except OSError:
                return
            with peer:
                peer.recv(4096)
                peer.sendall(b"E" + (len(self.answer) + 4).to_bytes(4, "big") + self.answer)

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


@pytest.mark.parametrize("kind", [Api, Worker])
def test_before_a_connection_was_ever_up_no_message_of_others_is_logged(kind):
    server = Refusing('database "Plant1ng" does not exist')
    service = kind(f"postgres://postgres@127.0.0.1:{server.port}/x?sslmode=disable").launch()
    try:
        line = service.log.wait_for("db_connection_lost")
        assert line["error"] == "role or database does not exist"
        eventually(lambda: service.readiness()[0] == 503)
        service.expect_errors("not_ready", "http_request")
        assert not [line for line in service.log.lines if PIECES[0] in json.dumps(line)]
    finally:
        service.stop()
        server.close()


def test_what_ended_a_connection_that_was_up_is_logged_whole(database, start):
    api = start(Api)
    api.expect_errors("not_ready", "http_request")
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                           "WHERE datname = current_database() AND pid <> pg_backend_pid()")
    whole = ("terminating connection due to administrator command", "server closed the connection unexpectedly")
    # What libpq had read of it.
    assert any(reason in api.log.wait_for("db_connection_lost")["error"] for reason in whole)
    eventually(api.is_ready)
