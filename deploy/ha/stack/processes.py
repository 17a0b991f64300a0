"""Processes of one stack: started so that they die with it, found again, ended, weighed."""
import contextlib
import os
import pathlib
import pwd
import signal
import subprocess
import time

ENGINES_USER = "postgres"  # where the stack is started by root, whom Postgres refuses


def unprivileged():
    """Who runs the engines: (uid, gid), or None where that is whoever started the stack."""
    if os.geteuid() != 0:
        return None
    account = pwd.getpwnam(ENGINES_USER)
    return account.pw_uid, account.pw_gid


class Process:
    """One part of the stack. `command` is called at each start, with which it may change."""

    def __init__(self, name, command, *, folder, log, environment=None, is_engine=True, back_after=2):
        self.name, self.command, self.folder, self.log = name, command, folder, log
        self.environment, self.is_engine, self.back_after = environment or {}, is_engine, back_after
        self.running, self.ended_at, self.said = None, None, ""

    def start(self):
        """SIGKILL follows where the stack is killed; a signal of the terminal is the stack's alone."""
        owner = unprivileged() if self.is_engine else None
        as_whom = [f"--reuid={owner[0]}", f"--regid={owner[1]}", "--init-groups"] if owner else []
        with open(self.log, "ab") as log:
            self.running = subprocess.Popen(["setpriv", *as_whom, "--pdeathsig=KILL", "--", *self.command()],
                                            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        self.ended_at = None

    @property
    def pid(self):
        return self.running.pid if self.running else None

    def has_ended(self):
        return self.running is not None and self.running.poll() is not None

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            if self.running and self.running.poll() is None:
                self.running.send_signal(number)

    def wait(self, seconds):
        """Gives it so long to end, then ends it."""
        if not self.running:
            return
        try:
            self.running.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.running.wait()


def started_at(pid):
    """In ticks since the machine's start: tells a process from a later one of the same id.
    None where there is none."""
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, IndexError):
        return None


def state(pid):
    """R, S, D, T (stopped) and so on; None where the process is gone or waits to be buried."""
    try:
        letter = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None
    return None if letter in "ZX" else letter


def descendants(pid):
    """With the process itself."""
    found = [pid]
    for task in pathlib.Path("/proc").glob(f"{pid}/task/*/children"):
        with contextlib.suppress(OSError):
            found += [below for child in task.read_text().split() for below in descendants(int(child))]
    return found


def postmaster(data):
    """The process of the Postgres of this folder, which isn't Patroni's child; or None."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((data / "postmaster.pid").read_text().split("\n")[0])
        if pathlib.Path(f"/proc/{pid}/cwd").resolve() == data.resolve() and state(pid):
            return pid
    return None


def stray_postgres(folder):
    """What is left of the Postgres of a stack that was killed: Patroni starts it apart from itself."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (place / "exe").resolve().name == "postgres" and (place / "cwd").resolve().is_relative_to(folder):
                found += [int(place.name)] if state(int(place.name)) else []
    return found


def kill_all(find):
    """SIGKILL until `find()` finds nobody."""
    end = time.monotonic() + 10
    while pids := find():
        for pid in pids:
            send(pid, signal.SIGKILL)
        if time.monotonic() > end:
            raise SystemExit(f"script/stack: processes {pids} don't end")
        time.sleep(0.02)


def send(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def memory(pids):
    """Bytes; what several share counts once."""
    total = 0
    for pid in set(pids):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                total += 1024 * int(line.split()[1]) if line.startswith("Pss:") else 0
    return total
