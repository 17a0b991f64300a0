"""Faults at random from a seed: what a network, a kernel and a database do to workers,
and a proxy that plays the network."""
import asyncio
import contextlib
import random
import signal
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass

from support.ports import free_port
from support.waiting import eventually

RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time at all: closing sends RST


class FaultProxy:
    """The way to a server on loopback. It can be cut hard, fall silent (connections stay,
    nothing passes, new ones are accepted), or be slow."""

    def __init__(self, target_port):
        self.port, self.target_port, self.delay = free_port(), target_port, 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._writers, self._carriers = set(), set()
        self._open = asyncio.Event()

    async def _listen(self):
        self._open.set()
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def _pump(self, source, sink):
        """An end passes like any data: while the way is silent the other side learns nothing of
        it."""
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                await asyncio.sleep(self.delay)
                await self._open.wait()
                sink.write(data)
                await sink.drain()
        await self._open.wait()
        sink.close()

    async def _carry(self, reader, writer):
        self._carriers.add(asyncio.current_task())
        writers = {writer}
        self._writers.add(writer)
        try:
            await self._open.wait()
            there, onward = await asyncio.open_connection("127.0.0.1", self.target_port)
            writers.add(onward)
            self._writers.add(onward)
            await asyncio.gather(self._pump(reader, onward), self._pump(there, writer))
        except OSError:
            pass  # nobody listens there: this side's end is the answer
        finally:
            self._reset(writers)
            self._writers -= writers
            self._carriers.discard(asyncio.current_task())

    @staticmethod
    def _reset(writers):
        for writer in writers:
            if not writer.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def _cut(self):
        self._reset(set(self._writers))

    async def _silence(self):
        self._open.clear()

    async def _mend(self):
        self._open.set()

    async def _end(self):
        self._server.close()
        for carrier in set(self._carriers):
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)

    def _do(self, act):
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(10)

    def way_to(self, url):
        """The URL of a database on the server, by this way."""
        return url.replace(f":{self.target_port}/", f":{self.port}/")

    def cut(self):
        self._do(self._cut())

    def silence(self):
        self._do(self._silence())

    def mend(self):
        """What was held back passes now, however late."""
        self._do(self._mend())

    def __enter__(self):
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_):
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@dataclass
class Fault:
    at: float       # seconds from the beginning
    kind: str
    roll: float     # in [0, 1): which worker, which connections, how it ends
    seconds: float  # how long it lasts


# One of these a fault, as in a pack of cards, so that no kind is missing however short the run.
PACK = ["kill", "kill", "cut", "cut", "terminate", "terminate", "pause", "usurp", "usurp", "silence", "silence", "slow",
        "restart"]
ENDS = {"job_completed", "job_failed_retrying", "job_failed_permanently", "job_released", "job_lease_lost"}
LONGEST = {"silence": 7.0, "slow": 2.0, "pause": 2.0}


def schedule(seed, seconds, lease):
    """The faults of a run, in order. Once a minute a worker sleeps past its real lease,
    while everything else goes on."""
    chance, faults, pack, at = random.Random(f"faults {seed}"), [], [], 1.0
    while at < seconds - 2:
        pack = pack or chance.sample(PACK, len(PACK))
        kind = pack.pop()
        faults.append(Fault(at, kind, chance.random(), chance.uniform(0.3, LONGEST.get(kind, 1.0))))
        at += chance.uniform(0.2, 2.2) + faults[-1].seconds
    for minute in range(max(int(seconds // 60), 1)):
        at = minute * 60 + chance.uniform(3, 20)
        faults += [Fault(at, "sleep", chance.random(), 0), Fault(at + lease + 1, "wake", 0, 0)]
    return sorted(faults, key=lambda fault: fault.at)


class Fleet:
    """Some workers at a time, which may die and be replaced; `ever` has all there were."""

    def __init__(self, kind, url, size, chance, **settings):
        self.kind, self.url, self.size, self.chance, self.settings = kind, url, size, chance, settings
        self.running, self.ever, self.killed = [], [], []

    def launch(self, **settings):
        worker = self.kind(self.url, **self.settings
                           | {"MOCK_LLM_LATENCY": self.chance.choice(["10ms", "40ms", "80ms"])} | settings).launch()
        self.running.append(worker)
        self.ever.append(worker)
        return worker

    def pick(self, roll):
        return self.running[int(roll * len(self.running))]

    def kill(self, worker):
        """The last line may have been cut short; otherwise its log is like any other."""
        self.running.remove(worker)
        self.killed.append(worker)
        worker.kill()
        if worker.log.stray and not worker.log.stray[-1].endswith(b"\n"):
            worker.log.stray.pop()
        worker.check()

    def __enter__(self):
        for _ in range(self.size):
            self.launch()
        for worker in self.running:
            eventually(worker.is_ready, within=20)
        return self

    def __exit__(self, kind, *_):
        with contextlib.ExitStack() as ends:  # each ends, whatever another one has to complain of
            for worker in self.ever:
                if worker.process.poll() is None:
                    worker.interrupt(signal.SIGCONT)
                if worker not in self.killed:
                    ends.callback(worker.kill if kind else worker.stop)


def locked_by(worker):
    """A pattern for the column: host and process."""
    return f"%:{worker.process.pid}"


class Nemesis:
    """Does the faults of a schedule, one after another. `done` counts them by kind."""

    def __init__(self, fleet, proxy, database):
        self.fleet, self.proxy, self.database, self.done = fleet, proxy, database, Counter()
        self.sleepers = []
        self.over = threading.Event()
        self._calm_since = self._now()

    def _now(self):
        return self.database.value("SELECT now()")

    def run(self, faults, begun):
        for fault in faults:
            self._wait(begun + fault.at - time.monotonic())
            getattr(self, "_" + fault.kind)(fault)
            self.done[fault.kind] += 1
        self._wake(None)

    def _wait(self, seconds):
        self.over.wait(max(seconds, 0))

    # ---- processes ----

    def _kill(self, fault):
        self.fleet.kill(self.fleet.pick(fault.roll))
        self.fleet.launch()

    def _pause(self, fault):
        worker = self.fleet.pick(fault.roll)
        worker.interrupt(signal.SIGSTOP)
        self._wait(fault.seconds)
        worker.interrupt(signal.SIGCONT)

    def _sleep(self, fault):
        """It stays out of the others' reach until it wakes."""
        worker = self.fleet.pick(fault.roll)
        self.fleet.running.remove(worker)
        self.sleepers.append(worker)
        worker.interrupt(signal.SIGSTOP)

    def _wake(self, _):
        while self.sleepers:
            worker = self.sleepers.pop()
            worker.interrupt(signal.SIGCONT)
            self.fleet.running.append(worker)

    @contextlib.contextmanager
    def usurped(self, worker):
        """A worker that stands still while others get its jobs: `with` gives their ids.
        In the end it wakes up and says of each what became of it.

        Its leases are ended by hand, as if it had slept for long. It doesn't know that, and trusts
        their length where it can't learn how an end of its own went; so only jobs are taken from it
        whose connections were never in trouble, and nothing else happens until it has spoken."""
        worker.interrupt(signal.SIGSTOP)
        try:
            jobs = [row["id"] for row in self.database.rows(
                "UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id IN (SELECT id FROM jobs "
                "WHERE status = 'PROCESSING' "
                "AND locked_by LIKE %s AND locked_at > %s::timestamptz + interval '500 ms' "
                "ORDER BY post_id, id FOR UPDATE) "  # as all lock them
                "RETURNING id", locked_by(worker), self._calm_since)]
            said = {each: len(each.log.lines) for each in self.fleet.ever}
            waiting = set(jobs)
            eventually(lambda: self._all_taken_over(worker, waiting, said), within=20)
            yield jobs
        finally:
            worker.interrupt(signal.SIGCONT)
        eventually(lambda: set(jobs) <= {line.get("job_id") for line in worker.log.lines[said[worker]:]
                                         if line["msg"] in ENDS}, within=20)

    def _all_taken_over(self, worker, waiting, said):
        """Once is enough: a digest is soon PENDING again, as it is asked for all the time or waits
        for a summary. Where the table doesn't show it, the log of who took it does."""
        waiting.intersection_update(row["id"] for row in self.database.rows(
            "SELECT id FROM jobs WHERE id = ANY (%s) AND (locked_by LIKE %s OR status = 'PENDING')", list(waiting),
            locked_by(worker)))
        for other in self.fleet.ever:
            if waiting and other is not worker:
                waiting.difference_update(line["job_id"] for line in other.log.lines[said.get(other, 0):]
                                          if line["msg"] == "job_started")
        return not waiting

    def _usurp(self, fault):
        with self.usurped(self.fleet.pick(fault.roll)):
            pass

    # ---- connections and the database ----

    def _calm(self):
        self._calm_since = self._now()

    def _cut(self, _):
        self.proxy.cut()
        self._calm()

    def _silence(self, fault):
        """Afterwards what was held back arrives late, or never."""
        self.proxy.silence()
        self._wait(fault.seconds)
        if fault.roll < 0.5:
            self.proxy.cut()
        self.proxy.mend()
        self._calm()

    def _slow(self, fault):
        self.proxy.delay = 0.02 + 0.2 * fault.roll
        self._wait(fault.seconds)
        self.proxy.delay = 0.0
        self._calm()

    def _terminate(self, fault):
        self.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                              "WHERE application_name = 'personaworlds worker' AND mod(pid, 5) <= %s",
                              int(fault.roll * 5))
        self._calm()

    def _restart(self, fault):
        self.database.cluster.stop("immediate")
        self._wait(fault.seconds)
        self.database.cluster.start()
        self._calm()
