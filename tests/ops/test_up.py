"""`up`: everything on one machine with nothing set."""
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import time
import uuid

import httpx
import psycopg
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


# ---- whose folder it is


def refuses(folder, sentence):
    done = run("up", cwd=folder)
    assert done.returncode == 1 and sentence in done.stderr, done.stderr
    assert not (folder / ".personaworlds/postgres").exists()


def planted(folder, mode=0o600, owner=None, text="a" * 64):
    """A secret that is there before the first start."""
    state = folder / ".personaworlds"
    state.mkdir(mode=0o755)
    secret = state / "jwt_secret"
    secret.write_text(text)
    secret.chmod(mode)
    if owner:
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    return secret


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_secret_that_others_know_is_refused(folder, mode):
    secret = planted(folder, mode)
    refuses(folder, "it isn't a file of this user alone")
    assert secret.read_text() == "a" * 64


def test_a_secret_that_is_a_link_is_refused(folder):
    secret = planted(folder)
    secret.rename(folder / "elsewhere")
    secret.symlink_to(folder / "elsewhere")
    refuses(folder, "it isn't a file of this user alone")


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(folder, mode):
    (folder / ".personaworlds").mkdir()
    (folder / ".personaworlds").chmod(mode)
    refuses(folder, "others may write to it")


def test_a_folder_that_is_a_link_is_refused(folder, tmp_path_factory):
    (folder / ".personaworlds").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    refuses(folder, "it is no folder")


def test_what_another_user_made_is_refused(folder):
    """Somebody who may write to a shared folder makes `.personaworlds` with a secret that he knows,
    and waits for root to start there."""
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    folder.chmod(0o777)
    secret = planted(folder, owner=nobody)
    refuses(folder, "it isn't a file of this user alone")
    os.chown(secret, 0, 0)
    os.chown(secret.parent, nobody.pw_uid, nobody.pw_gid)
    refuses(folder, "it belongs to another user")


@pytest.mark.timeout(120)
def test_a_secret_of_ones_own_is_kept_and_a_broken_one_made_anew(folder):
    secret = planted(folder, text="half of a")
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        up.stop()
    made = secret.read_text()
    assert len(made) == 64 and secret.stat().st_mode & 0o777 == 0o600
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        assert secret.read_text() == made
        up.stop()


# ---- as whom it runs


def services_of(up):
    """name -> pid"""
    found = {}
    for pid in up.processes():
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if words[1:2] and words[1] in (b"api", b"worker"):
            found[words[1].decode()] = pid
    return found


def status_of(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())


@pytest.mark.timeout(120)
@pytest.mark.parametrize("given", [False, True], ids=["its own database", "a given one"])
def test_as_root_the_services_run_as_somebody_else(folder, empty, given):
    """Where only root can go (the fixture's folder), and with a secret in a file that only root
    reads."""
    if os.geteuid() != 0:
        return
    key = folder / "key"
    key.write_text("a-secret-in-a-file-0123456789abcdef\n")
    key.chmod(0o600)
    settings = {"DATABASE_URL": empty.url} if given else {}
    with Up(folder, JWT_SECRET_FILE=key, **settings) as up:
        eventually(up.is_ready, within=60)
        services = services_of(up)
        assert set(services) == {"api", "worker"}
        for pid in services.values():
            status = status_of(pid)
            assert "0" not in status["Uid"].split() + status["Gid"].split() + status["Groups"].split(), status
            assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
            assert (status["NoNewPrivs"], status["Name"]) == ("1", "personaworlds")
        assert sign_up_at(up, "keeper@example.org").status_code == 201
        up.stop()


@pytest.mark.timeout(120)
def test_the_services_log_in_as_their_roles(folder):
    with Up(folder, "--demo") as up:
        eventually(up.is_ready, within=60)
        done = run("queue", "status", cwd=folder)
        assert done.returncode == 0, done.stderr
        (url,) = set(re.findall(r"psql '([^']+)'", up.said()))
        with psycopg.connect(url) as session:
            assert session.execute("SELECT current_user").fetchone() == ("personaworlds_owner",)
            rows = session.execute("SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name "
                                   "LIKE 'personaworlds%'").fetchall()
        assert {user for user, in rows} == {"personaworlds_api", "personaworlds_worker"}
        assert "database_superuser" not in up.said()
        up.stop()
