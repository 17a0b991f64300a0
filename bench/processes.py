"""script/bench processes [OPTION...]: several APIs and workers beside one of each.

Both shapes take turns, on the small data set of `script/bench reads`. Each API is asked for the acts
of `script/bench load`'s day as fast as it answers, on 64 connections of its own, without a balancer.
Workers write replies that wait already, with the mock as model. Where processes are held to a share
of a core each (held.py, as root), they shall be what is short, not Postgres: they must use up what
they have. A line with a target ends in ok or SHORT; bench/README.md tells more.

figures:
"""
import argparse
import contextlib
import pathlib
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter

import reads
from bench import PROGRAM
from closed_loop import closed_loop, for_seconds
from held import CannotHold, Held
from job_rates import in_turn, show_figure
from job_sides import Ours, Server, proc_cpu_seconds, show_progress
from load_day import requests_of_day
from reads_sides import Side, settle

APIS, WORKERS = 2, 3
CONNECTIONS, CONCURRENCY = 64, 64  # of an API, of a worker: so many that nothing waits for a client or a slot
KEPT = ("card", "profile", "battle-meta")  # acts that an API answers from memory, for a second
SEEN = 200  # of them, so that Postgres is seldom asked
PERSONAS = 200  # that reply to one post
# An act costs Postgres some times what it costs the API, and Postgres has these cores, too.
SHARES = {"visitors": 1 / 4, "people": 1 / 16, "replies": 1 / 16}


class Bench(reads.Bench):
    def prepare(self):
        super().prepare()
        self.database.execute("UPDATE personas SET daily_draft_quota = 1000000, daily_reply_quota = 1000000")
        self.day = requests_of_day(100, {route.name: route for route in self.routes()}, self.rooms())
        self.kept = list({request.data: request for request in self.day if request.kind in KEPT}.values())
        self.workers = [Ours(self.server, self.folder, self.database) for _ in range(WORKERS)]

    @contextlib.contextmanager
    def apis(self):
        """All of them, each with what it keeps in memory: the first answer costs what the others don't."""
        with contextlib.ExitStack() as stack:
            apis = [stack.enter_context(Side("ours", self.database, self.folder, PROGRAM)) for _ in range(APIS)]
            for api in apis:
                closed_loop([api.port], self.kept, connections=8)
            yield apis

    @contextlib.contextmanager
    def writers(self, count, jobs):
        """So many workers, frozen, and so many jobs; none are left afterwards."""
        with contextlib.ExitStack() as stack:
            workers = [stack.enter_context(worker.running(concurrency=CONCURRENCY))
                       for worker in self.workers[:count]]
            for worker in workers:
                worker.freeze()
            workers[0].fill_replies(jobs, PERSONAS)
            workers[0].settle()
            yield workers
        self.workers[0].clear()
        settle(self.server)

    def asked(self, apis, requests):
        """How many were answered."""
        answers = closed_loop([api.port for api in apis], requests, CONNECTIONS * len(apis))
        bad = Counter((answer.kind, answer.status) for answer in answers if not answer.good)
        assert not bad, f"not answered: {dict(bad)}"
        return len(answers)

    def share(self, figure):
        return self.options.share or SHARES[figure]


def let_work(workers):
    for worker in workers:
        worker.thaw()
    workers[0].wake()


class Meter:
    """The processors that are used from its making on: by each of the processes, by Postgres and by
    the client, which is this process."""

    def __init__(self, server, sides):
        self.server, self.sides = server, sides
        self.began, self.before = time.monotonic(), self.look()

    def look(self):
        return [*(proc_cpu_seconds(side.process.pid) for side in self.sides), self.server.cpu_seconds(),
                time.process_time()]

    def result(self, count):
        seconds = time.monotonic() - self.began
        *own, postgres, client = ((now - before) / seconds for now, before in zip(self.look(), self.before))
        return {"rate": count / seconds, "own": own, "postgres": postgres, "client": client}


def held(bench, sides, share, act):
    """What `act` does while each of the processes has so much of a core."""
    with Held([side.process.pid for side in sides], share) as group:
        meter = Meter(bench.server, sides)
        result = meter.result(act())
        return result | {"stopped": group.stopped(), "used": min(result["own"]) / share}


def median_of(results, name):
    return statistics.median(result[name] for result in results)


def show_side(name, results):
    own = " + ".join(f"{statistics.median(values):.2f}" for values in zip(*(result["own"] for result in results)))
    print(f"{name:26} {median_of(results, 'rate'):9.1f} /s   cores: {own}, "
          f"Postgres {median_of(results, 'postgres'):.2f}, client {median_of(results, 'client'):.2f}")


def show_shapes(names, results, least):
    for name, side in zip(names, results):
        show_side(name, side)
    one, several = results
    show_figure("  of one", "", median_of(several, "rate") / median_of(one, "rate"), least=least)


def show_held(share, results):
    """Who is held uses what he has, and is stopped in most periods; else something else was short."""
    show_figure(f"  used of {share:.3f} of a core", "", min(median_of(side, "used") for side in results), least=0.9)
    show_figure("  periods with a stop", "%", 100 * min(median_of(side, "stopped") for side in results))


# ---- the figures ----


def together(bench):
    """2 APIs and 3 workers beside 1 and 1 on the same cores: requests and replies, until all are done."""
    requests, jobs = bench.options.requests, bench.options.jobs

    def work(apis, count):
        with bench.writers(count, jobs) as workers:
            meter = Meter(bench.server, apis + workers)
            let_work(workers)
            asked = bench.asked(apis, (bench.day * (1 + requests // len(bench.day)))[:requests])
            workers[0].done()
            return meter.result(asked + jobs)
    with bench.apis() as apis:
        results = in_turn(bench, "together", lambda: work(apis[:1], 1), lambda: work(apis, WORKERS))
    show_shapes(("1 API + 1 worker", f"{APIS} APIs + {WORKERS} workers"), results, least=0.9)


def ask_held(bench, figure, requests):
    share = bench.share(figure)

    def ask(apis):
        return held(bench, apis, share, lambda: bench.asked(apis, for_seconds(requests, bench.options.seconds)))
    with bench.apis() as apis:
        results = in_turn(bench, figure, lambda: ask(apis[:1]), lambda: ask(apis))
    show_shapes(("1 API", f"{APIS} APIs"), results, least=1.8)
    show_held(share, results)


def visitors(bench):
    """1 API and 2, each held to a quarter of a core: profiles, battles and cards, from memory."""
    ask_held(bench, "visitors", bench.kept[:SEEN])


def people(bench):
    """The same, each held to a sixteenth: all acts of the day, reads and writes."""
    ask_held(bench, "people", bench.day)


def replies(bench):
    """1 worker and 3, each held to a sixteenth."""
    share = bench.share("replies")

    def write(count):
        def let_them():
            before = bench.database.count("replies")
            let_work(workers)
            time.sleep(bench.options.seconds)
            return bench.database.count("replies") - before
        with bench.writers(count, bench.options.backlog) as workers:
            result = held(bench, workers, share, let_them)
            assert bench.database.count("jobs", status="PENDING"), "the queue ran dry: more --backlog"
            return result
    results = in_turn(bench, "replies", lambda: write(1), lambda: write(WORKERS))
    show_shapes(("1 worker", f"{WORKERS} workers"), results, least=2.5)
    show_held(share, results)


FIGURES = {figure.__name__: figure for figure in (together, visitors, people, replies)}


def read_options():
    lines = "\n".join(f"  {name:10} {figure.__doc__}" for name, figure in FIGURES.items())
    parser = argparse.ArgumentParser(prog="script/bench processes", description=__doc__ + lines,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=FIGURES, default=list(FIGURES), metavar="FIGURE",
                        help="these figures alone")
    for name, default, what in (("rounds", 5, "of each shape"), ("seconds", 5, "of each measurement under a share"),
                                ("requests", 8000, "in a round of together"), ("jobs", 4000, "in a round of together"),
                                ("backlog", 20000, "jobs that wait in a round of replies")):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{what} (default {default})")
    parser.add_argument("--share", type=float, metavar="N", help="of a core, for each process that is held")
    reads.add_data_options(parser)
    return parser.parse_args()


def main():
    options, failed = read_options(), 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends, too
    with tempfile.TemporaryDirectory(prefix="personaworlds-bench-",
                                     dir=options.data) as folder, Server(options.data) as server:
        print(server.describe(), flush=True)
        bench = Bench(options, server, pathlib.Path(folder))
        bench.prepare()
        for name in options.only:
            print(f"\n{name}: {FIGURES[name].__doc__}", flush=True)
            try:
                FIGURES[name](bench)
            except CannotHold as error:
                failed = 1
                show_progress("")
                print(f"no process can be held here: {error}", flush=True)
            sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
