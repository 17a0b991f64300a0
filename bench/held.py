"""Processes that get a share of a core each and no more: by the kernel's control groups, version 2 or
1, whichever has the processors here. Nothing of it is left behind."""
import contextlib
import pathlib

PERIOD = 20_000


class CannotHold(Exception):
    """A sentence that says why, and what to do."""


class Controller:
    """Of the processors: the folder of all groups, and how a limit is written in its version."""

    def __init__(self, folder, version):
        self.folder, self.version = pathlib.Path(folder), version

    def limits(self, share):
        quota = int(PERIOD * share)
        return ({"cpu.max": f"{quota} {PERIOD}"} if self.version == 2
                else {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": str(quota)})

    def group_of(self, pid):
        """The group that the process is in."""
        for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            number, names, path = line.split(":", 2)
            if number == "0" if self.version == 2 else "cpu" in names.split(","):
                return self.folder / path.strip("/")
        raise CannotHold(f"process {pid} is in no group of {self.folder}")


def controller(mounts=pathlib.Path("/proc/self/mounts")):
    for line in mounts.read_text().splitlines():
        _, folder, kind, options, *_ = line.split()
        if kind == "cgroup" and "cpu" in options.split(","):
            return Controller(folder, 1)
        if kind == "cgroup2" and "cpu" in (pathlib.Path(folder) / "cgroup.subtree_control").read_text().split():
            return Controller(folder, 2)
    raise CannotHold("no control groups with the processors are mounted; with cgroup2 "
                     "`echo +cpu >/sys/fs/cgroup/cgroup.subtree_control` may be missing")


class Held:
    """`with Held(pids, share) as held:` while the block runs, each process has so much of a core."""

    def __init__(self, pids, share, place=None):
        self.pids, self.share, self.place, self.groups = pids, share, place or controller(), {}

    def __enter__(self):
        try:
            for pid in self.pids:
                self.hold(pid)
        except OSError as error:
            self.let_go()
            raise CannotHold(f"{error.filename or self.place.folder}: {error.strerror}; run it as root, where "
                             "control groups can be written") from error
        except BaseException:
            self.let_go()
            raise
        return self

    def hold(self, pid):
        before, group = self.place.group_of(pid), self.place.folder / f"personaworlds-bench-{pid}"
        group.mkdir()
        self.groups[group] = (pid, before)
        for name, limit in self.place.limits(self.share).items():
            (group / name).write_text(limit)
        (group / "cgroup.procs").write_text(str(pid))

    def stopped(self):
        """Of the periods in which the processes had work, the share in which they were stopped."""
        found = [dict(line.split() for line in (group / "cpu.stat").read_text().splitlines()) for group in self.groups]
        periods, stopped = (sum(int(stat[name]) for stat in found) for name in ("nr_periods", "nr_throttled"))
        return stopped / max(periods, 1)

    def let_go(self):
        for group, (pid, before) in self.groups.items():
            with contextlib.suppress(ProcessLookupError):  # it has ended
                (before / "cgroup.procs").write_text(str(pid))
            group.rmdir()
        self.groups = {}

    def __exit__(self, *_):
        self.let_go()
