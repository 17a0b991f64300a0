"""What the processes of a service take while it runs, what they say, and whether that stays the same."""
import json
import os
import pathlib
import re
import statistics
import threading
import time
from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple

import psycopg

SERVICES = ("api1", "api2", "worker1", "worker2", "worker3")
WARM, LONG = 120, 20 * 60  # seconds: before it caches fill; a life is judged from so much more on
LISTENS = "0A"  # the state of a socket in /proc/net/tcp
MOST = 0.05  # by how much the last third may differ from the second
VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\d[\d.:]*\b")
CONNECTIONS = ("SELECT application_name, count(*)::int FROM pg_stat_activity "
               "WHERE application_name LIKE 'personaworlds%' GROUP BY 1")


class Sample(NamedTuple):
    """Of a process at a moment of time.monotonic. Bytes; `clients`: descriptors of connections that
    were made to it, `model`: of those to the model's server, `own`: all others. A life begins with
    the process."""

    at: float
    life: int
    resident: int
    anonymous: int
    own: int
    clients: int
    model: int
    threads: int


class Line(NamedTuple):
    """Of a log: `at` in time.monotonic."""

    at: float
    kind: str  # api, worker
    level: str
    said: str  # without what differs from line to line
    whole: str


class Watch:
    """`with Watch(stack, port) as watch:` looks once a second. The port is that of the model's server."""

    def __init__(self, stack, model_port):
        self.stack, self.model_port = stack, model_port
        self.samples, self.connections = defaultdict(list), defaultdict(list)
        self.lines, self.stray, self._read_to = [], [], {}
        self.over = threading.Event()
        self.clock = time.time() - time.monotonic()

    def __enter__(self):
        self.skip_what_was_said()
        self.busy = processor_times()
        self.threads = [threading.Thread(target=self._each_second, args=(act,), daemon=True)
                        for act in (self._look, self._count)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(10)
        self.read_logs()
        before, after = self.busy, processor_times()
        self.busy = 1 - (after[1] - before[1]) / (after[0] - before[0])

    def _each_second(self, act):
        began = time.monotonic()
        while not self.over.wait(max(0.0, 1 - (time.monotonic() - began))):
            began = time.monotonic()
            act()

    def _look(self):
        parts, ends = (self.stack.read("stack.json") or {}).get("parts", {}), ends_of_sockets()
        for name in SERVICES:
            if name in parts:
                sample = look_at(parts[name], self.stack.chosen["ports"][name], self.model_port, ends)
                self.samples[name] += [sample] if sample else []
        self.read_logs()

    def _count(self):
        """While the primary is away nobody answers."""
        try:
            with psycopg.connect(self.stack.url(), connect_timeout=2, autocommit=True) as connection:
                while not self.over.is_set():
                    now = time.monotonic()
                    for name, count in connection.execute(CONNECTIONS).fetchall():
                        self.connections[name].append((now, count))
                    self.over.wait(1)
        except psycopg.Error:
            return

    def kept(self):
        """All samples, for who wants to see a curve."""
        return {"processes": {name: [sample._asdict() for sample in samples] for name, samples in self.samples.items()},
                "connections": self.connections, "lines": [line._asdict() for line in self.lines]}

    def _logs(self):
        return [(name, self.stack.place / "log" / f"{name}.log") for name in SERVICES]

    def skip_what_was_said(self):
        self._read_to = {name: path.stat().st_size for name, path in self._logs()}

    def read_logs(self):
        """What was added to them, in whole lines."""
        for name, path in self._logs():
            with path.open("rb") as log:
                log.seek(self._read_to[name])
                whole = log.read().rpartition(b"\n")
            self._read_to[name] += len(whole[0]) + len(whole[1])
            for text in whole[0].splitlines():
                self._take(name, text)

    def _take(self, name, text):
        try:
            told = json.loads(text)
            if told["level"] in ("warn", "error"):
                self.lines.append(line_of(name, told, text.decode(), self.clock))
        except (ValueError, KeyError, TypeError):
            self.stray.append(f"{name}: {text[:200]!r}")


def line_of(name, told, text, clock):
    at = time_of(told["ts"]) - clock
    said = " ".join(str(told[field]) for field in ("msg", "status", "job_type", "step", "component") if field in told)
    reason = VARIES.sub("N", str(told.get("error", "")).split("\n")[0])
    return Line(at, name.rstrip("0123456789"), told["level"], f"{said}: {reason}" if reason else said, text)


def time_of(stamp):
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def processor_times():
    """(all, idle) of all processors since the machine's start."""
    times = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(times), times[3] + times[4]


def ends_of_sockets():
    """Inode of each socket of TCP that is connected, to its port here and the one there."""
    lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {line[9]: tuple(int(end.split(":")[1], 16) for end in line[1:3]) for line in lines if line[3] != LISTENS}


def look_at(part, port, model_port, ends):
    """None where the process is gone."""
    place = pathlib.Path(f"/proc/{part['pid']}")
    try:
        status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
        links = [link for number in os.listdir(place / "fd") if (link := link_of(place / "fd" / number))]
    except OSError:
        return None
    if "VmRSS" not in status:
        return None
    kinds = Counter(kind_of(ends.get(link[len("socket:["):-1], (0, 0)), port, model_port) for link in links)
    size = {name: 1024 * int(status[name].split()[0]) for name in ("VmRSS", "RssAnon")}
    return Sample(time.monotonic(), part["started_at"], size["VmRSS"], size["RssAnon"], kinds["own"], kinds["clients"],
                  kinds["model"], int(status["Threads"]))


def kind_of(ends, port, model_port):
    return "clients" if ends[0] == port else "model" if ends[1] == model_port else "own"


def link_of(descriptor):
    """None where it is closed meanwhile."""
    try:
        return os.readlink(descriptor)
    except OSError:
        return None


# ---- whether it stays the same ----


class Level(NamedTuple):
    """Medians of the second and the last third of the time that was looked at."""

    second: float
    last: float
    seconds: float
    is_judged: bool

    @property
    def change(self):
        return (self.last - self.second) / self.second if self.second else float(self.last > 0)


def longest_life(samples):
    """Of a process that is started again: what came before is no measure for what comes after."""
    lives = defaultdict(list)
    for sample in samples:
        lives[sample.life].append(sample)
    return max(lives.values(), key=lambda life: life[-1].at - life[0].at, default=[])


def level(points):
    """Of (time, value): past the first minutes, where enough is left to judge by."""
    if not points:
        return Level(0, 0, 0, False)
    warm = [point for point in points if point[0] >= points[0][0] + WARM]
    is_judged = bool(warm) and warm[-1][0] - warm[0][0] >= LONG
    points = warm if is_judged else points
    began, seconds = points[0][0], points[-1][0] - points[0][0]
    thirds = [[value for at, value in points if began + n * seconds / 3 <= at <= began + (n + 1) * seconds / 3]
              for n in (1, 2)]
    return Level(*(statistics.median(third or [0]) for third in thirds), seconds, is_judged)


def grows(level):
    """Memory may fall: that of a life whose load went elsewhere does."""
    return level.is_judged and level.change > MOST


def moves(level):
    return level.is_judged and abs(level.change) > MOST
