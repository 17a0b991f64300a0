"""How fast, and how soon: the figures that have a peer, and whole replies."""
import json
import random
import statistics
import time
from datetime import datetime

from job_sides import show_progress

# Of local queues of 100, 500 and 2000 the last takes the least of a processor;
# 8, 24 or 64 jobs at a time make no clear difference.
PEER_FASTEST = {"concurrency": 64, "localQueue": 2000, "batch": True}
BATCH = 100


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def verdict(good):
    return "ok" if good else "SHORT"


def show_ratio(name, unit, ours, theirs, least=None, most=None):
    ratio = ours / theirs
    bound = (f"at least {least:.2f}: {verdict(ratio >= least)}" if least
             else f"at most {most:.2f}: {verdict(ratio <= most)}")
    print(f"{name:26} {ours:9.1f} {unit:4} peer {theirs:9.1f} {unit:4} ratio {ratio:.2f}  ({bound})")


def show_figure(name, unit, value, least=None, most=None):
    if least is None and most is None:
        print(f"{name:26} {value:9.1f} {unit}")
        return
    good, bound = (value >= least, f"at least {least:g}") if least is not None else (value <= most, f"at most {most:g}")
    print(f"{name:26} {value:9.{1 if unit else 2}f} {unit:4} ({bound}: {verdict(good)})")


def show_cost(name, results):
    """Processor time tells more than a rate while others use the machine."""
    worker, postgres = (statistics.median(result[key] for result in results) for key in ("worker_us", "postgres_us"))
    print(f"{name:26} {worker:9.1f} us of a processor per job in the worker, {postgres:.1f} in Postgres")


class Meter:
    """From the wake-up, or the first job's commit, to the end of the last job."""

    def __init__(self, bench, side):
        self.bench, self.side = bench, side

    def __enter__(self):
        self.began, self.worker, self.postgres = (time.monotonic(), self.side.cpu_seconds(),
                                                  self.bench.server.cpu_seconds())
        return self

    def result(self, n):
        self.side.done()
        seconds = time.monotonic() - self.began
        return {"rate": n / seconds, "worker_us": (self.side.cpu_seconds() - self.worker) / n * 1e6,
                "postgres_us": (self.bench.server.cpu_seconds() - self.postgres) / n * 1e6,
                "memory": self.side.memory()}

    def __exit__(self, *_):
        pass


def backlog(bench, side, fill, n, **settings):
    """All jobs are there before the worker, which runs but is frozen, may begin."""
    side.clear()
    with side.running(**settings):
        side.freeze()
        fill(n)
        side.settle()
        with Meter(bench, side) as meter:
            side.thaw()
            side.wake()
            return meter.result(n)


def stream(bench, side, fill, n, **settings):
    """The jobs come in while the worker works, a hundred a transaction, as fast as they can."""
    side.clear()
    side.settle()
    with side.running(**settings), Meter(bench, side) as meter:
        for _ in range(n // BATCH):
            fill(BATCH)
            side.wake()
        return meter.result(n // BATCH * BATCH)


def in_turn(bench, name, *measures):
    """The results of each measure, taken in turn."""
    results = [[] for _ in measures]
    for n in range(bench.options.rounds):
        for place, measure in enumerate(measures):
            show_progress(f"{name}: round {n + 1} of {bench.options.rounds}, side {place + 1} of {len(measures)}")
            results[place].append(measure())
    show_progress("")
    return results


def rates(results):
    return statistics.median(result["rate"] for result in results)


def noop(bench):
    """Jobs that do nothing, each side with as many in hand; the peer's: an empty task;
    ours: of a type that nobody knows, and replies that are there."""
    ours, peer, n = bench.ours(), bench.peer(), bench.options.jobs
    settings = {"concurrency": PEER_FASTEST["localQueue"]}
    replied, unsupported, theirs = in_turn(
        bench, "noop", lambda: backlog(bench, ours, ours.fill_replied, n, **settings),
        lambda: backlog(bench, ours, ours.fill_unsupported, n, **settings),
        lambda: backlog(bench, peer, peer.fill, n, **PEER_FASTEST))
    show_ratio("no-op, claim and end", "/s", rates(unsupported), rates(theirs), least=1)
    show_figure("  and reading its brief", "/s", rates(replied))
    for name, results in (("  claim and end", unsupported), ("  and reading its brief", replied), ("  peer", theirs)):
        show_cost(name, results)


def incoming(bench):
    """The same while jobs come in: claim and end alone beside the peer's empty task."""
    ours, peer, n = bench.ours(), bench.peer(), bench.options.jobs
    mine, theirs = in_turn(bench, "incoming", lambda: stream(bench, ours, ours.fill_unsupported, n,
                                                             concurrency=PEER_FASTEST["localQueue"]),
                           lambda: stream(bench, peer, peer.fill, n, **PEER_FASTEST))
    show_ratio("no-op, jobs coming in", "/s", rates(mine), rates(theirs), least=1)


def replies(bench):
    """Whole replies, the mock taking no time."""
    ours = bench.ours()
    (results,) = in_turn(bench, "replies", lambda: backlog(bench, ours, ours.fill_replies, bench.options.jobs,
                                                           concurrency=bench.options.concurrency))
    show_figure("whole replies", "/s", rates(results), least=2500)
    show_cost("  whole replies", results)
    show_figure("  most memory", "MiB", max(result["memory"] for result in results))


def provider(bench):
    """Whole replies with a provider of 200 ms and 256 calls at a time: 1280 a second at best;
    with 256 jobs in hand, and with 320."""
    ours, calls, latency = bench.ours(), 256, 0.2
    n = int(calls / latency * bench.options.seconds)
    settings = {"MOCK_LLM_LATENCY": f"{int(latency * 1000)}ms", "LLM_MAX_CONCURRENCY": calls}
    even, ahead = in_turn(bench, "provider",
                          *(lambda jobs=jobs: backlog(bench, ours, ours.fill_replies, n, concurrency=jobs, **settings)
                            for jobs in (calls, calls + calls // 4)))
    for name, results in (("provider of 200 ms", even), ("  more jobs than calls", ahead)):
        show_figure(name, "/s", rates(results), least=0.9 * calls / latency)
    show_figure("  most memory", "MiB", max(result["memory"] for result in even + ahead), most=64)


# ---- commit to start ----

def seconds_of(line):
    return datetime.fromisoformat(line["ts"]).timestamp()


def commit(connection, statement, *parameters):
    """The time just before COMMIT is sent, and what the statement gave. So the wait for the disk
    counts, and for ours the NOTIFY after it, too; a time taken after COMMIT would be later than the
    start of a job that its transaction has announced."""
    with connection.transaction():
        value = next(iter(connection.execute(statement, parameters).fetchone().values()))
        began = time.time()
    return began, value


def enqueue_ours(connection, statement, *parameters):
    began, id = commit(connection, statement, *parameters)
    connection.execute("SELECT pg_notify('jobs', '')")
    return id, began


def waits_of(side, began):
    """Milliseconds from commit to start by the worker's log; both clocks are this machine's."""
    side.done()
    started = {line["job_id"]: seconds_of(line) for line in side.lines("job_started")}
    return [(started[id] - at) * 1000 for id, at in began.items() if id in started]


def latency(bench):
    """From commit to the first step of the job, idle workers, one job at a time.
    Ours: the worker's line job_started; peer: the task's first line."""
    ours, peer, mine, theirs = bench.ours(), bench.peer(), {}, {}
    with ours.running(concurrency=32), peer.running(
        concurrency=32), ours.database.connect() as near, peer.database.connect() as far:
        for n in range(bench.options.single):
            show_progress(f"latency: job {n + 1} of {bench.options.single}")
            time.sleep(random.uniform(0.005, 0.05))
            id, began = enqueue_ours(near, "INSERT INTO jobs (job_type) VALUES ('nothing') RETURNING id")
            mine[id] = began
            time.sleep(random.uniform(0.005, 0.05))
            theirs[n], _ = commit(far, "SELECT graphile_worker.add_job('start', %s::json)", json.dumps({"n": n}))
        peer.done()
        mine = waits_of(ours, mine)
    theirs = [(began - theirs[int(n)]) * 1000 for n, began in peer.starts()]
    show_progress("")
    assert len(mine) == len(theirs) == bench.options.single
    show_ratio("commit to start, p50", "ms", percentile(mine, 0.5), percentile(theirs, 0.5), most=1)
    show_ratio("commit to start, p95", "ms", percentile(mine, 0.95), percentile(theirs, 0.95), most=1)
    show_figure("commit to start, p95", "ms", percentile(mine, 0.95), most=5)
