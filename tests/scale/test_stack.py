"""script/stack: all that several machines have, from empty folders, and nothing of it left behind."""
import os
import re
import signal
import socket
import time

import httpx
import pytest

from support.exposition import Page
from support.people import sign_up
from support.stack import Stack
from support.waiting import eventually

pytestmark = [pytest.mark.scale, pytest.mark.long, pytest.mark.timeout(300)]

READY, BUSY = 20, 3  # seconds on two idle cores; so much longer where something else has them
MEMORY = 1 << 30
LIMITS_BACK = 4  # seconds
NAMES = ["api1", "api2", "etcd1", "etcd2", "etcd3", "haproxy", "haproxy-data", "pg1", "pg2", "pg3", "pgbouncer",
         "redis1", "redis2", "sentinel1", "sentinel2", "sentinel3", "worker1", "worker2", "worker3"]


@pytest.fixture(scope="module")
def stack():
    with Stack() as stack:
        yield stack


def ended(stack):
    """Nothing works in its folder, and nobody listens on its ports."""
    eventually(lambda: not stack.processes(), within=10)
    for name, port in stack.chosen["ports"].items():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, name


def test_it_is_ready_soon_and_says_where_everything_is(stack):
    said = stack.said()
    seconds = float(re.search(r"^ *([\d.]+) s  ready; (\d+) MiB in all$", said, re.MULTILINE)[1])
    print(said)
    assert seconds < BUSY * READY
    assert f"http://127.0.0.1:{stack.port}" in said
    assert sign_up(stack).get("/rooms").json()["rooms"]


def test_its_parts_know_what_they_are_and_take_little_memory(stack):
    status = stack.command("status")
    print(status)
    lines = {line.split()[0]: line for line in status.splitlines()[1:]}
    assert sorted(lines) == sorted([*NAMES, "all"])
    assert all(" runs " in lines[name] for name in NAMES)
    assert int(re.search(r"(\d+) MiB", lines["all"])[1]) << 20 < MEMORY
    assert sum("sync_standby" in line for line in lines.values()) == 1
    assert sum(line.endswith(" leader") for line in lines.values()) == 2  # Postgres', etcd's
    assert lines["redis1"].endswith("master")


def test_engines_run_as_somebody_who_may_little(stack):
    """What root has started; whoever isn't root starts all as himself."""
    if os.geteuid() == 0:
        running = stack.read("stack.json")["parts"]
        engines = [name for name in NAMES if not name.startswith(("api", "worker"))]
        assert all(os.stat(f"/proc/{running[name]['pid']}").st_uid != 0 for name in engines)


def test_commits_wait_for_a_standby(stack):
    assert stack.rows("SHOW synchronous_standby_names")[0]["synchronous_standby_names"] != ""
    assert [row["sync_state"] for row in stack.rows("SELECT sync_state FROM pg_stat_replication ORDER BY 1")] == [
        "async", "sync"]
    assert stack.rows("SELECT pg_is_in_recovery() AS standby", port="replicas")[0]["standby"]


def test_what_is_killed_is_started_again(stack):
    before = stack.read("stack.json")["parts"]["worker1"]["pid"]
    stack.command("kill", "worker1")
    eventually(lambda: "worker1 ended (SIGKILL)" in stack.said(), within=10)
    eventually(lambda: stack.read("stack.json")["parts"].get("worker1", {}).get("pid") not in (None, before), within=20)


def test_limits_are_shared_again_soon_after_the_master_of_redis_is_killed(stack):
    """And nobody is refused meanwhile. Whether they are is seen by those who ask."""
    def are_shared():
        answers = [httpx.get(f"{stack.at(api)}/rooms", headers={"Authorization": f"Bearer {user.token}"}, timeout=5)
                   for api in ("api1", "api2")]
        assert [answer.status_code for answer in answers] == [200, 200]
        return all(Page(httpx.get(f"{stack.at(api)}/metrics").text).value("rate_limit_shared") == 1
                   for api in ("api1", "api2"))

    user = sign_up(stack)
    eventually(are_shared, within=10)
    stack.command("kill", "redis")
    began = time.monotonic()
    eventually(lambda: not are_shared(), within=10, pause=0.02)
    eventually(are_shared, within=60, pause=0.02)
    print(f"shared again after {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < BUSY * LIMITS_BACK


def test_a_second_one_needs_another_folder(stack):
    other = stack.ask("up")
    assert other.returncode == 1 and "--folder" in other.stderr, other
    assert stack.command("status")


def test_a_part_that_is_not_there_is_a_sentence(stack):
    done = stack.ask("kill", "nobody")
    assert done.returncode == 1 and "no part is nobody" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("way", ["pgbouncer", "hosts"])
def test_services_reach_postgres_by_each_way(way):
    with Stack("--way", way, "--fast") as stack:
        user = eventually(lambda: sign_up(stack), within=20)
        assert eventually(lambda: user.persona().name, within=20)
        assert stack.stop(signal.SIGINT) == 0
        ended(stack)


def test_ctrl_c_leaves_nothing_but_its_folder_which_serves_again():
    with Stack() as stack:
        user = sign_up(stack)
        assert stack.stop(signal.SIGINT) == 0, stack.said()
        ended(stack)
        assert stack.read("stack.json") is None and (stack.place / "pg1/data").is_dir()
        assert "none runs in" in stack.ask("status").stderr
        stack.start()
        assert user.get("/personas").status_code == 200


def test_after_its_being_killed_the_next_start_clears_up():
    with Stack("--fast") as stack:
        user = sign_up(stack)
        stack.process.kill()
        stack.process.wait()
        stack.start()
        eventually(stack.is_whole, within=120, pause=0.2)
        commands = [command for command in stack.processes().values()
                    if "-D " in command or command.split()[0].endswith("etcd")]
        assert len(commands) == 6, commands  # three of etcd, three of Postgres
        assert user.get("/personas").status_code == 200
