"""`up`: everything on one machine with nothing set."""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time
import uuid

import httpx
import pytest

from support import secrets
from support.ports import free_port
from support.program import binary, environment, release_binary, run
from support.waiting import eventually


class Up:
    """`personaworlds up` in a folder, with a mark in the environment that everything it starts
    inherits."""

    def __init__(self, folder, *flags, program=None, **more):
        self.folder, self.port, self.worker_port = folder, free_port(), free_port()
        self.mark = f"mark-{uuid.uuid4()}"
        settings = environment(PORT=self.port, WORKER_OBSERVABILITY_PORT=self.worker_port, API_THREADS=2,
                               PERSONAWORLDS_TESTS_MARK=self.mark, **more)
        self.output = open(folder / "output", "w+")
        self.process = subprocess.Popen([program or binary(), "up", *flags], cwd=folder, env=settings,
                                        stdout=self.output, stderr=subprocess.STDOUT,
                                        start_new_session=True)

    def said(self):
        self.output.seek(0)
        return self.output.read()

    def get(self, path, port=None):
        return httpx.get(f"http://127.0.0.1:{port or self.port}{path}", timeout=5, trust_env=False)

    def is_ready(self):
        assert self.process.poll() is None, self.said()
        try:
            return self.get("/readyz").status_code == self.get("/readyz", self.worker_port).status_code == 200
        except httpx.TransportError:
            return False

    def processes(self):
        """What it started and still runs: by the inherited mark,
        or with its data below the folder."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                marked = self.mark.encode() in (process / "environ").read_bytes()
                inside = str(self.folder) in os.readlink(process / "cwd") and int(process.name) != os.getpid()
            except OSError:
                continue
            if marked or inside:
                found.append(int(process.name))
        return found

    def stop(self, signum=signal.SIGINT):
        self.process.send_signal(signum)
        code = self.process.wait(30)
        eventually(lambda: not self.processes(), within=2)
        said = self.said()
        assert "Sanitizer" not in said and "runtime error:" not in said, said
        secrets.search(said.encode(), {}, "up")
        assert code == 0, said
        return said

    def kill_all(self):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):  # some end with the first
                os.kill(pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill_all()
        self.process.wait()
        self.output.close()


@pytest.fixture
def folder(tmp_path):
    """Where only root can go, when root runs the tests: as a checkout below /root."""
    tmp_path.chmod(0o700)
    yield tmp_path
    database = tmp_path / ".personaworlds/postgres"
    if database.is_symlink():
        shutil.rmtree(database.resolve())


def sign_up_at(up, email):
    return httpx.post(f"http://127.0.0.1:{up.port}/auth/signup", json={"email": email, "password": "long enough"},
                      timeout=10, trust_env=False)


@pytest.mark.timeout(180)
def test_up_starts_everything_keeps_the_data_and_leaves_nothing_behind(folder):
    with Up(folder, "--demo") as up:
        eventually(up.is_ready, within=60)
        eventually(lambda: f"http://localhost:{up.port}" in up.said() or f"http://127.0.0.1:{up.port}" in up.said())
        assert sign_up_at(up, "keeper@example.org").status_code == 201
        up.stop(signal.SIGINT)

    release = release_binary()
    started = time.monotonic()
    with Up(folder, "--demo", program=release) as up:
        eventually(up.is_ready, within=30)
        took = time.monotonic() - started
        assert took < (5 if release else 15), f"{took:.1f} s"
        assert sign_up_at(up, "keeper@example.org").status_code == 409
        up.stop(signal.SIGTERM)


@pytest.mark.timeout(180)
def test_up_does_a_reply_and_survives_a_hard_end(folder):
    """After kill -9 on all of it the next start finds its data and works."""
    with Up(folder, "--demo") as up:
        eventually(up.is_ready, within=60)
        assert sign_up_at(up, "keeper@example.org").status_code == 201
        up.kill_all()
        eventually(lambda: not up.processes())
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        assert sign_up_at(up, "keeper@example.org").status_code == 409
        up.stop()


@pytest.mark.timeout(120)
def test_ups_own_database_has_no_pooler_before_it(folder):
    with Up(folder, DB_POOLER="transaction") as up:
        eventually(up.is_ready, within=60)
        up.stop()


@pytest.mark.timeout(120)
def test_up_uses_a_given_database_instead(folder, empty):
    port, worker_port = free_port(), free_port()
    process = subprocess.Popen(
        [binary(), "up"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True,
        env=environment(PORT=port, WORKER_OBSERVABILITY_PORT=worker_port, DATABASE_URL=empty.url))
    try:
        eventually(lambda: empty.value("SELECT to_regclass('rooms') IS NOT NULL") and empty.count("rooms") == 4,
                   within=60)
        eventually(lambda: reachable(port), within=30)
        assert not (folder / ".personaworlds/postgres").exists()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.mark.timeout(120)
def test_up_leaves_an_origin_from_a_file_alone(folder, empty):
    (folder / "origin").write_text("https://people.example\n")
    with Up(folder, DATABASE_URL=empty.url, FRONTEND_ORIGIN_FILE=folder / "origin") as up:
        eventually(up.is_ready, within=60)
        answer = httpx.get(f"http://127.0.0.1:{up.port}/rooms", headers={"Origin": "https://people.example"},
                           trust_env=False)
        assert answer.headers.get("Access-Control-Allow-Origin") == "https://people.example"
        up.stop()


def reachable(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.timeout(120)
def test_up_says_what_stands_in_its_way(folder, api):
    """A port that somebody else has: a clear sentence, exit 1, and nothing left running."""
    mark = f"mark-{uuid.uuid4()}"
    done = run("up", within=60, cwd=folder, PORT=api.port, WORKER_OBSERVABILITY_PORT=free_port(),
               PERSONAWORLDS_TESTS_MARK=mark)
    assert done.returncode == 1
    assert str(api.port) in done.stdout + done.stderr
    assert not [process for process in pathlib.Path("/proc").glob("[0-9]*") if marked(process, mark)]


def marked(process, mark):
    try:
        return mark.encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def test_as_root_postgres_runs_as_somebody_else(folder):
    if os.geteuid() != 0:
        return
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        owners = {os.stat(f"/proc/{pid}").st_uid for pid in up.processes()
                  if b"postgres" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]}
        assert owners and 0 not in owners and pwd.getpwuid(next(iter(owners)))
        up.stop()
