"""What `script/bench processes` measures with: a client that asks as fast as it is answered, and processes that
are held to a share of a core."""
import itertools
import subprocess
import sys
import time
from collections import Counter

import pytest

from support.exposition import Page
from support.program import CHECKOUT, Api
from support.waiting import eventually

sys.path.insert(0, str(CHECKOUT / "bench"))

from closed_loop import closed_loop, for_seconds  # noqa: E402
from held import CannotHold, Controller, Held, controller  # noqa: E402
from job_sides import proc_cpu_seconds  # noqa: E402
from open_loop import Request, request_of  # noqa: E402

HEALTH, NOWHERE = Request(0, "healthz", request_of("GET", "/healthz")), Request(0, "none", request_of("GET", "/none"))
SHARE, WORKED = 0.03, 0.05  # of a core; seconds


def test_each_request_is_answered_once_by_apis_in_equal_parts(api, start):
    """A connection has one request under way."""
    apis = [api, start(Api)]
    before = [answered(each) for each in apis]
    answers = closed_loop([each.port for each in apis], [HEALTH, HEALTH, NOWHERE] * 20, connections=8)
    assert Counter((answer.kind, answer.status) for answer in answers) == {("healthz", 200): 40, ("none", 404): 20}
    assert all(answer.sent < answer.ended for answer in answers)
    counts = [answered(each) - count for each, count in zip(apis, before)]
    assert sum(counts) == 40 and min(counts) > 0


def answered(api):
    return Page(api.metrics()).value("http_requests_total", method="GET", route="/healthz", status="200")


def test_for_a_time_requests_come_in_turn():
    began = time.monotonic()
    given = list(itertools.islice(for_seconds("ab", 60), 5))
    assert given == list("ababa")
    assert set(for_seconds("ab", 0.05)) == {"a", "b"} and time.monotonic() - began > 0.05


def test_who_hangs_up_ends_the_measurement(api):
    closing = Request(0, "closing", HEALTH.data.replace(b"Host", b"Connection: close\r\nHost"))
    with pytest.raises(ConnectionError, match="healthz"):
        closed_loop([api.port], [closing, HEALTH], connections=1)


# ---- a share of a core ----


def mounted(tmp_path, line):
    (tmp_path / "mounts").write_text(f"proc /proc proc rw 0 0\n{line}\n")
    (tmp_path / "cgroup.subtree_control").write_text("memory cpu\n")
    return tmp_path / "mounts"


@pytest.mark.parametrize("line, version, limits", [
    ("cgroup {} cgroup2 rw,nosuid 0 0", 2, {"cpu.max": "5000 20000"}),
    ("cgroup {} cgroup rw,cpuacct,cpu 0 0", 1, {"cpu.cfs_period_us": "20000", "cpu.cfs_quota_us": "5000"})])
def test_a_quarter_in_both_versions(tmp_path, line, version, limits):
    found = controller(mounted(tmp_path, line.format(tmp_path)))
    assert (found.version, found.folder, found.limits(0.25)) == (version, tmp_path, limits)


def test_groups_without_processors_are_a_sentence(tmp_path):
    with pytest.raises(CannotHold, match="no control groups with the processors"):
        controller(mounted(tmp_path, f"cgroup {tmp_path} cgroup rw,memory 0 0"))
    mounts = mounted(tmp_path, f"cgroup {tmp_path} cgroup2 rw 0 0")
    (tmp_path / "cgroup.subtree_control").write_text("memory\n")
    with pytest.raises(CannotHold, match="no control groups with the processors"):
        controller(mounts)


@pytest.fixture
def busy():
    process = subprocess.Popen(["sh", "-c", "while :; do :; done"])
    yield process
    process.kill()
    process.wait()


class Nowhere(Controller):
    """Whose folder can't be written."""

    def group_of(self, pid):
        return self.folder


def test_groups_that_cannot_be_written_are_a_sentence(busy, tmp_path):
    held = Held([busy.pid], SHARE, Nowhere(tmp_path / "gone", 1))
    with pytest.raises(CannotHold, match="run it as root"), held:
        pass
    assert held.groups == {} and list(tmp_path.iterdir()) == []


def can_hold(process):
    """False where this machine has no such groups, as in many containers; then it was told in a sentence."""
    try:
        with Held([process.pid], SHARE):
            return True
    except CannotHold as why:
        assert "control groups" in str(why)
        return False


def test_a_busy_process_gets_its_share_and_its_group_goes(busy):
    if can_hold(busy):
        before = controller().group_of(busy.pid)
        with Held([busy.pid], SHARE) as held:
            assert (group := controller().group_of(busy.pid)) != before
            began, used = time.monotonic(), proc_cpu_seconds(busy.pid)
            eventually(lambda: proc_cpu_seconds(busy.pid) - used >= WORKED, within=60)
            assert time.monotonic() - began > 0.8 * WORKED / SHARE
            assert held.stopped() > 0.5
        assert not group.exists() and controller().group_of(busy.pid) == before


def test_the_group_goes_with_a_process_that_ends_and_with_an_error(busy):
    if can_hold(busy):
        with pytest.raises(KeyboardInterrupt), Held([busy.pid], SHARE):
            group = controller().group_of(busy.pid)
            busy.kill()
            busy.wait()
            raise KeyboardInterrupt
        assert not group.exists()
