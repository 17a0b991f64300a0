"""script/bench reads [OPTION...]: the routes that read, on a data set of its own.

Each route is asked by wrk as fast as it answers (closed loop), in turn with what stands beside it:
another binary (--beside), pgbench with the route's statement, prepared, and, where the answer may
come from memory, nginx with a file of that size. Then each is asked at a fixed rate (open loop).
bench/README.md tells how to read the table. JSON with every round is written to --json.

routes: healthz rooms personas weekly room-posts feed thread notifications templates-user templates
        profile profile-posts atom discover battle-meta card-cached card-drawn
"""
import argparse
import contextlib
import json
import pathlib
import signal
import statistics
import sys
import tempfile

import reads_data
from bench import PROGRAM, wait_for
from job_rates import percentile
from job_sides import Server, show_progress
from open_loop import open_loop
from reads_routes import STATEMENTS, routes_of
from reads_sides import Nginx, Pgbench, Side, settle
from support.program import run

HEAD = (f"{'route':15}{'side':11}{'req/s':>9}{'ours / it':>10}{'API us':>8}{'PG us':>8}{'RSS MiB':>9}"
        f"{'p50 ms':>8}{'p99 ms':>8}")


class Bench:
    def __init__(self, options, server, folder):
        self.options, self.server, self.folder, self.database = options, server, folder, server.create()
        self.users = reads_data.LARGE if options.large else reads_data.SMALL
        self.results = {}

    def prepare(self):
        for command in ("migrate", "seed"):
            done = run(command, program=PROGRAM, DATABASE_URL=self.database.url)
            assert done.returncode == 0, done.stdout + done.stderr
        self.load_times = {}
        reads_data.load(self.database, self.users, self.loaded)
        show_progress("")
        print(f"{self.users} users, loaded in {sum(self.load_times.values()):.0f} s, "
              f"{self.database.value('SELECT pg_database_size(current_database())') / 1e9:.2f} GB", flush=True)

    def loaded(self, name, seconds):
        self.load_times[name] = round(seconds, 2)
        show_progress(f"loading: {name} took {seconds:.1f} s, {sum(self.load_times.values()):.0f} s in all")

    def rooms(self):
        return [str(row["id"]) for row in self.database.rows("SELECT id FROM rooms ORDER BY slug")]

    def routes(self):
        return routes_of(self.rooms(), self.users)

    def sides(self, stack):
        """Our API, the other binary's, and both sets of statements under pgbench."""
        named = {"ours": PROGRAM} | ({"beside": self.options.beside} if self.options.beside else {})
        apis = [Side(name, self.database, self.folder, program) for name, program in named.items()]
        for api in apis:
            stack.callback(api.stop)
            api.start()
            wait_for(f"{api.url}/readyz")
        sets = {"pgbench": STATEMENTS}
        if self.options.beside_sql:
            sets["pgbench-old"] = self.options.beside_sql
        peers = {name: Pgbench(self.database, self.folder, sql) for name, sql in sets.items()}
        return apis, peers, stack.enter_context(Nginx(self.folder, apis[0]))

    def measures(self, route, apis, peers, nginx):
        """The measures of a route by side; each takes the number of its round."""
        if route.from_memory:  # a first answer costs what the others don't
            for api in apis:
                api.ask_each(route)
        found = {api.name: lambda n, api=api: api.closed_loop(route, n * route.subjects // self.options.rounds,
                                                              self.options) for api in apis}
        if route.statement:
            found |= {name: lambda n, peer=peer: peer.rate(route, self.options) for name, peer in peers.items()}
        if route.from_memory:
            found["nginx"] = lambda n: nginx.rate(route, self.options)
        return found

    def closed(self, route, measures):
        rounds = {side: [] for side in measures}
        for n in range(self.options.rounds):
            # Whoever comes second finds warm pages: the order turns.
            for side in list(measures)[::1 if n % 2 == 0 else -1]:
                show_progress(f"{route.name}: round {n + 1} of {self.options.rounds}, {side}")
                rounds[side].append(measures[side](n))
                settle(self.database.cluster)
        return rounds

    def open(self, route, apis):
        lines = apis[0].requests(route).read_text().splitlines()
        found = {}
        for api in apis:
            show_progress(f"{route.name}: {self.options.rate} a second, {api.name}")
            latencies, failed = open_loop(api.port, lines, self.options)
            found[api.name] = {"failed": failed, "p50_ms": percentile(latencies, 0.5),
                               "p99_ms": percentile(latencies, 0.99), "most_ms": max(latencies)}
        return found

    def measure(self, routes):
        print(HEAD, flush=True)
        with contextlib.ExitStack() as stack:
            apis, peers, nginx = self.sides(stack)
            for route in routes:
                closed = self.closed(route, self.measures(route, apis, peers, nginx))
                self.results[route.name] = {
                    "rounds": closed, "medians": {side: medians(rounds) for side, rounds in closed.items()},
                    "open": self.open(route, apis) if self.options.rate else {}}
                show_progress("")
                show(route.name, self.results[route.name])

    def write(self):
        named = {"users": self.users, "rounds": self.options.rounds, "seconds": self.options.seconds,
                 "connections": self.options.connections, "rate": self.options.rate, "load_seconds": self.load_times}
        self.options.json.write_text(json.dumps(named | {"routes": self.results}, indent=1) + "\n")
        print(f"every round: {self.options.json}")


def medians(rounds):
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def show(name, result):
    ours = result["medians"]["ours"]["rate"]
    for side, found in result["medians"].items():
        times = result["open"].get(side, {})
        ratio = f"{ours / found['rate']:.2f}" if side != "ours" and found["rate"] else ""
        cells = (number(found, "api_us", 8, 0), number(found, "postgres_us", 8, 0), number(found, "rss_mib", 9, 1),
                 number(times, "p50_ms", 8, 2), number(times, "p99_ms", 8, 2))
        failed = f"  open loop: {times['failed']} refused" if times.get("failed") else ""
        print(f"{name:15}{side:11}{found['rate']:9.0f}{ratio:>10}{''.join(cells)}{failed}", flush=True)


def number(values, name, width, digits):
    return f"{values[name]:{width}.{digits}f}" if name in values else " " * width


def add_data_options(parser):
    parser.add_argument("--large", action="store_true",
                        help="100,000 users, a million posts, three million replies, five million events; "
                             "1,000 users with a hundredth of it otherwise")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/var/tmp"), metavar="FOLDER",
                        help="for Postgres; on a real disk (default /var/tmp)")


def read_options():
    parser = argparse.ArgumentParser(prog="script/bench reads", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="ROUTE", help="these routes alone")
    parser.add_argument("--beside", type=pathlib.Path, metavar="BINARY", help="another build, in turn with ours")
    parser.add_argument("--beside-sql", type=pathlib.Path, metavar="FOLDER",
                        help="its backend/sql, for pgbench in turn with ours")
    for name, default, what in (("rounds", 3, "of each route and side"), ("seconds", 5, "of each measurement"),
                                ("connections", 32, "of the closed loop"),
                                ("rate", 300, "requests a second of the open loop; 0: none")):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{what} (default {default})")
    add_data_options(parser)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", default=PROGRAM.parent / "bench-reads.json",
                        help="where every round is written (default build/bench-reads.json)")
    return parser.parse_args()


def chosen(routes, only):
    if unknown := set(only or []) - {route.name for route in routes}:
        sys.exit(f"unknown routes: {', '.join(sorted(unknown))}; there are {', '.join(r.name for r in routes)}")
    return [route for route in routes if not only or route.name in only]


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends, too
    with tempfile.TemporaryDirectory(prefix="personaworlds-bench-",
                                     dir=options.data) as folder, Server(options.data) as server:
        print(server.describe(), flush=True)
        bench = Bench(options, server, pathlib.Path(folder))
        chosen(routes_of([], bench.users), options.only)
        bench.prepare()
        bench.measure(chosen(bench.routes(), options.only))
        bench.write()


if __name__ == "__main__":
    main()
