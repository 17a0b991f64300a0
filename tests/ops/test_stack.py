"""Commands find the stack that `up` runs in the same folder, with nothing set. What is set wins."""
import json
import socket

import pytest

from ops.test_up import Up, folder  # noqa: F401, the fixture
from support.ports import free_port
from support.program import environment, run
from support.waiting import eventually

FOUND = "asks the stack that `personaworlds up` runs in this folder"


def stack_of(folder):
    return folder / ".personaworlds/stack.json"


@pytest.mark.timeout(180)
def test_a_newcomers_commands_find_the_stack_of_their_folder(folder):
    with Up(folder, "--demo", RATE_LIMIT_PUBLIC_READ="77/1m") as up:
        eventually(up.is_ready, within=60)
        assert stack_of(folder).stat().st_mode & 0o777 == 0o600
        assert json.loads(stack_of(folder).read_text())["pid"] == up.process.pid

        seen = run("triage", "--json", "--sample", "1s", cwd=folder)
        assert seen.returncode == 0 and f"process {up.process.pid}" in seen.stderr, seen
        assert not [check for check in json.loads(seen.stdout)["checks"] if check["status"] == "finding"]
        for command in (("triage", "--sample", "1s"), ("doctor",), ("queue", "status"), ("settings", "list"),
                        ("verify", "--for", "5s"), ("migrate", "--status"),
                        ("seed",), ("block", "list"), ("digest", "rebuild", "--stale", "--dry-run")):
            done = run(*command, cwd=folder)
            assert done.returncode == 0 and FOUND in done.stderr, done
        ports = run("doctor", "ports", cwd=folder).stdout
        assert (f"PORT {up.port}: a personaworlds API listens there" in ports
                and f"{up.worker_port}: a personaworlds worker" in ports)

        run("settings", "set", "rate_limit.public_read", "30/1m", cwd=folder)
        listed = run("settings", "list", cwd=folder, RATE_LIMIT_PUBLIC_READ="99/1m").stdout
        assert "77/1m" in listed and "99/1m" not in listed, listed
        assert FOUND not in run("queue", "--help", cwd=folder).stderr
        up.stop()
    assert not stack_of(folder).exists()


@pytest.mark.timeout(120)
def test_another_database_is_another_stack(folder, empty):
    """Then nothing of the folder's is used, the ports neither."""
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        done = run("queue", "status", cwd=folder, DATABASE_URL=empty.url)
        assert FOUND not in done.stderr and done.returncode != 0
        port = free_port()
        seen = run("triage", "--json", "--sample", "50ms", cwd=folder, PORT=port)
        checks = {check["id"]: check for check in json.loads(seen.stdout)["checks"]}
        assert f"localhost:{port}" in checks["api_down"]["evidence"] and checks["worker_down"]["status"] == "ok"
        up.stop()


@pytest.mark.timeout(120)
def test_what_a_killed_up_left_is_no_stack(folder):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        up.kill_all()
        eventually(lambda: not up.processes())
        assert stack_of(folder).exists()
        assert FOUND not in run("queue", "status", cwd=folder, DATABASE_URL="").stderr
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        assert json.loads(stack_of(folder).read_text())["pid"] == up.process.pid
        up.stop()


def test_a_stack_file_that_others_may_write_is_not_trusted(folder):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        stack_of(folder).chmod(0o620)
        assert FOUND not in run("queue", "status", cwd=folder, DATABASE_URL="").stderr
        up.stop()


def test_a_taken_port_leaves_no_folder_behind(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("up", cwd=folder, PORT=taken.getsockname()[1], WORKER_OBSERVABILITY_PORT=free_port())
    assert done.returncode == 1 and "is another instance running?" in done.stderr
    assert not (folder / ".personaworlds").exists()


@pytest.mark.parametrize("command", [("triage", "--json", "--sample", "50ms"),
                                     ("verify", "--for", "1s", "--every", "1s")], ids=lambda command: command[0])
def test_the_ports_of_the_environment_are_looked_at(folder, api, database, command):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        done = run(*command, cwd=folder, DATABASE_URL=database.url, PORT=api.port, WORKER_OBSERVABILITY_PORT=port)
    looked_at = f"http://localhost:{port}"
    assert looked_at in done.stdout and "localhost:8080" not in done.stdout and "localhost:9091" not in done.stdout
    if command[0] == "verify":
        assert "readyz          holds   200" in done.stdout
    else:
        assert [check["status"] for check in json.loads(done.stdout)["checks"]
                if check["id"] in ("api_down", "api_not_ready")] == ["ok", "ok"]


def test_a_ready_api_proves_that_its_database_answers(folder, api):
    seen = json.loads(run("triage", "--json", "--sample", "50ms", "--worker", f"http://127.0.0.1:{free_port()}",
                          cwd=folder, PORT=api.port,
                          DATABASE_URL=f"postgres://postgres@127.0.0.1:{free_port()}/x").stdout)
    found = [finding["check"] if "check" in finding else finding["id"] for finding in seen["findings"]]
    assert found == ["worker_down", "database_elsewhere"], "and Postgres isn't said to be away"
