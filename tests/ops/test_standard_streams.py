"""A program that is started without one of its standard streams, and output that nobody gets."""
import contextlib
import itertools
import os
import socket
import subprocess

import httpx
import pytest

from support.ports import free_port
from support.program import Api, Worker, binary, environment, run
from support.waiting import eventually

COMMANDS = [["--version"], ["--help"], ["config"], ["config", "--env"], ["api", "--help"], ["up", "--help"],
            ["doctor", "--list"], ["triage", "--help"]]
DATABASE_COMMANDS = [["migrate", "--status"], ["queue", "status"], ["settings", "list"], ["block", "list"],
                     ["admin", "list"], ["roles"], ["doctor", "database"], ["seed"]]
CLOSED = [streams for n in (1, 2, 3) for streams in itertools.combinations((0, 1, 2), n)]


def closing(streams):
    def close():
        for fd in streams:
            os.close(fd)
    return close


@pytest.mark.parametrize("streams", CLOSED)
@pytest.mark.parametrize("kind", [Api, Worker])
def test_a_service_runs_with_streams_closed(database, kind, streams):
    """What it opens later doesn't become its log: it serves, and ends cleanly."""
    port = free_port()
    settings = {"PORT": port, "WORKER_OBSERVABILITY_PORT": port, "DATABASE_URL": database.url, "API_STOP_DELAY": "0s"}
    process = subprocess.Popen([binary(), kind.subcommand], env=environment(**settings), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=closing(streams))
    try:
        eventually(lambda: status(port, "/readyz") == b"200", within=15)
        assert status(port, "/metrics") == b"200"
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def status(port, path):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(65536).split()[1]
    except (ConnectionError, IndexError):
        return None


def complains(done):
    return done.returncode == 1 and done.stderr.count("personaworlds: the output could not be written") == 1


def into(stdout, arguments, **more):
    return subprocess.run([binary(), *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, **more)


def lost(arguments, settings):
    """To a full disk, and to nobody."""
    with open("/dev/full", "w") as full:
        return (into(full, arguments, env=environment(**settings)),
                into(subprocess.DEVNULL, arguments, env=environment(**settings), preexec_fn=closing([1])))


@pytest.mark.parametrize("arguments", COMMANDS)
def test_output_that_is_lost_is_an_error(arguments):
    for done in lost(arguments, {}):
        assert complains(done), done


@pytest.mark.parametrize("arguments", DATABASE_COMMANDS)
def test_output_about_a_database_that_is_lost_is_an_error(database, arguments):
    for done in lost(arguments, {"DATABASE_URL": database.url}):
        assert complains(done), done


def test_a_finding_stays_one_though_its_words_are_lost():
    for done in lost(["doctor", "database"], {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}):
        assert done.returncode != 0 and "could not be written" in done.stderr


def test_a_command_needs_nothing_to_read_from():
    done = into(subprocess.PIPE, ["--version"], preexec_fn=closing([0, 2]))
    assert done.returncode == 0 and done.stdout.startswith("personaworlds ")


# ---- a database whose text isn't UTF-8 ----

def why_not_ready(service):
    with contextlib.suppress(httpx.TransportError):
        return service.readiness()[1].get("error", "")
    return ""


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding_is_refused(cluster, launch, encoding):
    """It would take less than people write, or keep what it can't give back."""
    database = cluster.create(encoding=encoding)
    sentence = f"the database's encoding is {encoding}, and has to be UTF8"
    migrated = run("migrate", DATABASE_URL=database.url)
    assert migrated.returncode != 0 and sentence in migrated.stderr
    looked = run("doctor", "database", DATABASE_URL=database.url)
    assert looked.returncode == 1 and sentence in looked.stdout and "--encoding=UTF8" in looked.stdout
    for kind in (Api, Worker):
        service = launch(kind, database_url=database.url)
        eventually(lambda: why_not_ready(service).endswith("the database's encoding isn't UTF8"), within=15)
        assert service.client.get("/healthz").status_code == 200
    assert database.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
