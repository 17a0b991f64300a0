"""`up`: however it ends, it takes everything along and says why."""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile

import pytest

from ops.test_up import Up
from support.ports import free_port
from support.program import binary, environment, run
from support.waiting import eventually

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def folder():
    """Where everybody can go: the database stays in the folder itself."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="up-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def pid_of(up, name):
    def matches(pid):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:2] == [name.encode()]
    return next(pid for pid in up.processes() if matches(pid))


def test_a_killed_up_leaves_no_process_and_starts_again_at_once(folder):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        assert (folder / ".personaworlds/postgres").is_dir() and not (folder / ".personaworlds/postgres").is_symlink()
        up.process.kill()
        with Up(folder) as again:
            eventually(again.is_ready, within=60)
            assert not set(up.processes()) - set(again.processes())
            again.stop()


@pytest.mark.parametrize("name", ["api", "worker"])
def test_a_service_that_dies_ends_everything_and_is_named(folder, name):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        os.kill(pid_of(up, name), signal.SIGKILL)
        assert up.process.wait(30) == 1
        assert f"{name} ended unexpectedly (killed by signal 9" in up.said()
        eventually(lambda: not up.processes(), within=2)


def test_a_second_up_in_the_same_folder_is_refused(folder):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        second = run("up", cwd=folder, PORT=up.port, WORKER_OBSERVABILITY_PORT=up.worker_port)
        assert second.returncode == 1 and f"runs in this folder already (process {up.process.pid})" in second.stderr
        assert up.is_ready()
        up.stop()


def test_a_nearly_endless_path_has_room_for_the_socket(folder):
    deep = folder / ("d" * 100) / "with, comma and 'quote\""
    deep.mkdir(parents=True)
    with Up(deep) as up:
        eventually(up.is_ready, within=60)
        socket_folder = pathlib.Path(eventually(lambda: re.search(r"host=(\S+)'", up.said()))[1])
        assert (socket_folder / ".s.PGSQL.5432").is_socket()
        up.stop()
        assert not socket_folder.exists()


def test_on_a_terminal_the_log_is_for_people(folder):
    """Coloured lines with the service's name there; JSON alone elsewhere."""
    ours, its = pty.openpty()
    process = subprocess.Popen([binary(), "up"], cwd=folder, stdout=its, stderr=subprocess.DEVNULL,
                               start_new_session=True,
                               env=environment(PORT=free_port(), WORKER_OBSERVABILITY_PORT=free_port()))
    os.close(its)
    try:
        shown = ""
        while not re.search("api_listening.*\n", shown):
            shown += os.read(ours, 4096).decode()
        line = next(line for line in shown.splitlines() if "api_listening" in line)
        assert "\033[" in line and " api " in re.sub(r"\033\[[0-9;]*m", "", line) and "{" not in line
    finally:
        process.terminate()
        while process.poll() is None and select.select([ours], [], [], 0.1):
            read_what_is_there(ours)
        os.close(ours)
    assert process.returncode == 0


def read_what_is_there(terminal):
    try:
        os.read(terminal, 4096)
    except OSError:  # nobody has the other end any more
        pass
