"""`up`: however it ends, it takes everything along and says why; a service that dies is started again."""
import json
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


def kept_log(folder):
    return [json.loads(line) for line in (folder / ".personaworlds/log").read_text().splitlines()]


def test_a_service_that_dies_is_started_again_and_all_of_it_is_in_the_log(folder):
    """The log had its full size before this start. The second death of one service at once is a longer wait."""
    state = folder / ".personaworlds"
    state.mkdir(mode=0o755)
    (state / "log").write_text('{"of": "before"}\n' * ((8 << 20) // 17))
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        assert (state / "log.1").read_text().startswith('{"of": "before"}\n')
        assert (state / "log").stat().st_mode & 0o777 == 0o600
        for name in ("worker", "api", "worker"):
            former = pid_of(up, name)
            os.kill(former, signal.SIGKILL)
            eventually(lambda: up.is_ready() and pid_of(up, name) != former, within=30)
        said = up.stop()
    ends = [line for line in kept_log(folder) if line["msg"] == "service_ended"]
    assert [(line["ended"], line["again_in_ms"], line["error"]) for line in ends] == [
        (name, pause, "killed by signal 9 (Killed)")
        for name, pause in (("worker", 200), ("api", 200), ("worker", 400))]
    assert [line["started"] for line in kept_log(folder) if line["msg"] == "service_started_again"] == [
        "worker", "api", "worker"]
    assert {"api_listening", "worker_started", "up_ready"} <= {line["msg"] for line in kept_log(folder)}
    assert said.count('"msg":"service_ended"') == 3


def test_a_service_that_never_was_ready_ends_everything_and_is_named(folder):
    """Its port was free when `up` looked: whoever takes it meanwhile is simulated by a setting that only the
    worker refuses."""
    with Up(folder, SMTP_URL="smtps://nowhere.invalid", WORKER_CONCURRENCY=1, OPENAI_BASE_URL="nonsense",
            LLM_PROVIDER="openai", OPENAI_API_KEY="k" * 20) as up:
        assert up.process.wait(60) == 1
        assert re.search(r"(api|worker) ended unexpectedly \(exit 1", up.said()), up.said()
        eventually(lambda: not up.processes(), within=2)


def test_an_up_that_is_started_to_outlive_the_terminal_does(folder):
    """As by nohup; the hangup comes while it starts."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        up = Up(folder)
    finally:
        signal.signal(signal.SIGHUP, before)
    with up:
        eventually(up.said, within=20)
        up.process.send_signal(signal.SIGHUP)
        eventually(up.is_ready, within=60)


def test_a_second_up_in_the_same_folder_is_refused(folder):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        second = run("up", cwd=folder, PORT=up.port, WORKER_OBSERVABILITY_PORT=up.worker_port)
        assert second.returncode == 1 and f"runs in this folder already (process {up.process.pid})" in second.stderr
        assert up.is_ready() and (folder / ".personaworlds/stack.json").exists()  # commands find it as before
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
