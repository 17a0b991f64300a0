"""script/bench load [OPTION...]: the API under more than it is used to, on a data set of its own.

Each figure has an API of its own, just started, without rate limits. How long others wait meanwhile
tells a prober in a process of its own, which asks for /healthz 200 times a second; latencies count
from when a request was due. A line ends in ok or SHORT where it has a target. bench/README.md tells
what is noise.

figures:
"""
import argparse
import dataclasses
import pathlib
import random
import re
import resource
import signal
import statistics
import sys
import tempfile
from collections import Counter

import load_logins
import reads
from bench import PROGRAM, measure_starts
from job_rates import percentile, show_figure
from job_sides import Ours, Server, show_progress
from load_day import PEOPLE, requests_of_day
from open_loop import PROBE_CONNECTIONS, PROBED, PROBES, Client, Prober, Request, ask, paced, request_of
from reads_routes import caller, requests_of
from reads_sides import FEW, Side, wrk

CROWD, USUAL = 1000, 32  # connections
BURST = 1000  # cards at once
AGAIN_AFTER = 1  # second, as Retry-After says
OVERLOAD = 3  # times what can be drawn
DRAWING_CONNECTIONS = 512  # four times as many as cards wait at most


class Bench(reads.Bench):
    def prepare(self):
        super().prepare()
        self.routes_by_name = {route.name: route for route in self.routes()}

    def api(self, **settings):
        return Side("ours", self.database, self.folder, PROGRAM, **settings)

    def wrk(self, api, route, connections, first=0):
        return wrk(api.url, api.requests(route), first, self.options, connections)


def bytes_of(route, first=0, count=None):
    """The requests of a route in turn, from the first-th on; `count` of them, or each once."""
    lines = requests_of(route)
    return [request_of("GET", *lines[n % len(lines)].split()) for n in range(first, first + (count or len(lines)))]


def p99(answers):
    return percentile([answer.ms for answer in answers], 0.99)


def healthz_alone(bench, api):
    """p99 in ms, while nobody else asks."""
    answers = ask(api.port, paced("healthz", [request_of("GET", "/healthz")], PROBES, bench.options.seconds),
                  PROBE_CONNECTIONS)
    return p99(answers)


def show_healthz(alone, then, most=None, most_over=None):
    show_figure("healthz p99 alone", "ms", alone)
    show_figure("healthz p99 meanwhile", "ms", then, most=most)
    show_figure("  over its own alone", "ms", then - alone, most=most_over)


def show_refused(asked, refused):
    print(f"{'refused':26} {refused:9} of {asked}")


def show_refusals(answers, most=None):
    """How long it took to refuse; `answers` are those that were timed."""
    if bad := [answer for answer in answers if not answer.good]:
        show_figure("refusals p99", "ms", p99(bad), most=most)
        show_figure("refusals, the slowest", "ms", max(answer.ms for answer in bad))


# ---- the figures ----


def start(bench):
    """From the start to readyz 200; resident memory before the first request."""
    times, sizes = measure_starts(bench.api(), bench.options.rounds)
    show_figure("start to readyz", "ms", statistics.median(times), most=25)
    show_figure("resident, idle", "MiB", statistics.median(sizes), most=12)


def reads_of_all(bench):
    """The requests of all reads but cards, in random order: more profiles and battles than are kept
    in memory."""
    many = {"profile": min(bench.users, 1000), "profile-posts": min(bench.users, 1000), "battle-meta": 9000}
    lines = [line for name, route in bench.routes_by_name.items() if not name.startswith("card")
             for line in requests_of(dataclasses.replace(route, subjects=many.get(name, route.subjects)))]
    random.Random(1).shuffle(lines)
    return lines


def readers(bench):
    """Resident memory under 1,000 connections that read everything but cards."""
    with bench.api() as api:
        lines = bench.folder / "readers.txt"
        lines.write_text("\n".join(reads_of_all(bench)) + "\n")
        rate, answered, refused = wrk(api.url, lines, 0, bench.options, CROWD)
        show_figure("reads, 1,000 connections", "/s", rate)
        show_refused(answered + refused, refused)
        show_figure("resident, at most", "MiB", api.resident_mib("VmHWM"), most=48)


def burst(bench):
    """1,000 different cards asked for at once, again until each is drawn; the memory after it."""
    datas = bytes_of(bench.routes_by_name["card-drawn"], count=BURST)
    with bench.api() as api:
        alone = healthz_alone(bench, api)
        with Client(api.port, BURST) as client, Prober(api.port) as prober:
            answers = client.run([Request(0, "card", data) for data in datas], AGAIN_AFTER)
        show_figure("all 1,000 drawn after", "s", answers[-1].ended - min(answer.due for answer in answers))
        show_refused(len(answers), len(answers) - BURST)
        show_refusals(answers)
        show_healthz(alone, prober.p99(), most_over=20)
        memory = memory_mib(api.process.pid)
        show_figure("anonymous memory after it", "MiB", memory["Anonymous"], most=64)
        show_figure("resident after it", "MiB", memory["Rss"], most=128)


def memory_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return {name: int(size) / 1024 for name, size in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}


def day(bench):
    """A mixed day: 50 people read, share, look at cards, let a model draft; the worker replies."""
    bench.database.execute("UPDATE personas SET daily_draft_quota = 1000000, daily_reply_quota = 1000000 "
                           "WHERE user_id = ANY(%s::uuid[])", [caller(person) for person in range(PEOPLE)])
    requests = requests_of_day(bench.options.seconds, bench.routes_by_name, bench.rooms())
    worker = Ours(bench.server, bench.folder, bench.database)
    with worker.running(concurrency=32), bench.api() as api:
        answers = ask(api.port, requests, PEOPLE)
    for act in sorted({answer.kind for answer in answers}):
        show_act(act, [answer for answer in answers if answer.kind == act])
    show_act("all", answers)
    show_figure("p99 of all", "ms", p99(answers), most=60)
    show_figure("errors", "", sum(not answer.good for answer in answers), most=0)


def show_act(name, answers):
    times = [answer.ms for answer in answers]
    bad = Counter(answer.status for answer in answers if not answer.good)
    print(f"  {name:24} {len(answers):9} asked   p50 {percentile(times, 0.5):7.2f} ms   "
          f"p99 {percentile(times, 0.99):7.2f} ms{f'   errors by status: {dict(bad)}' if bad else ''}")


def posts(bench):
    """Room posts by 1,000 connections beside 32, in turn."""
    route, peaks, crowds, probed = bench.routes_by_name["room-posts"], [], [], []
    asked = refused = 0
    with bench.api() as api:
        alone = healthz_alone(bench, api)
        for n in range(bench.options.rounds):
            show_progress(f"posts: round {n + 1} of {bench.options.rounds}")
            peaks.append(bench.wrk(api, route, USUAL)[0])
            with Prober(api.port, paced("room-posts", bytes_of(route), 10, PROBED)) as prober:
                rate, answered, refused_now = bench.wrk(api, route, CROWD)
            crowds.append(rate)
            probed += prober.answers
            asked, refused = asked + answered + refused_now, refused + refused_now
    show_progress("")
    show_goodput("room posts", statistics.median(peaks), statistics.median(crowds))
    show_refused(asked, refused)
    show_refusals(probed, most=50)
    show_healthz(alone, p99([answer for answer in probed if answer.kind == "healthz"]), most=50)
    show_figure("room posts p99 meanwhile", "ms", p99([answer for answer in probed if answer.kind == "room-posts"]))


def show_goodput(name, peak, then):
    show_figure(f"{name}, the peak", "/s", peak)
    show_figure(f"{name}, overload", "/s", then)
    show_figure("  of the peak", "", then / peak, least=0.8)


def cards(bench):
    """Three times as many cards as can be drawn."""
    route, seconds = bench.routes_by_name["card-drawn"], bench.options.seconds
    with bench.api() as api:
        alone = healthz_alone(bench, api)
        peak, answered, refused = bench.wrk(api, route, FEW)
        rate = OVERLOAD * peak
        datas = bytes_of(route, answered + refused, int(rate * seconds))
        with Client(api.port, DRAWING_CONNECTIONS) as client, Prober(api.port) as prober:
            answers = client.run(paced("card", datas, rate, seconds))
    drawn = sum(answer.good for answer in answers)
    show_goodput("cards", peak, drawn / (answers[-1].ended - min(answer.due for answer in answers)))
    show_refused(len(answers), len(answers) - drawn)
    show_refusals(answers, most=50)
    show_figure("our own lateness, p99", "ms", percentile([(a.sent - a.due) * 1000 for a in answers], 0.99))
    show_healthz(alone, prober.p99(), most=50)


def logins(bench):
    """1,000 sign-ups a second from 500 networks beside 5 logins a second."""
    with bench.api(**load_logins.SETTINGS) as api:
        others = load_logins.others(api.port, PROBED)
        with Client(api.port, CROWD) as client, Prober(api.port, others) as prober:
            flood = client.run(load_logins.flood(bench.options.seconds))
    tried = [answer for answer in prober.answers if answer.kind == "login"]
    show_refused(len(flood), sum(not answer.good for answer in flood))
    show_figure("sign-ups that came about", "/s", sum(answer.good for answer in flood) / bench.options.seconds)
    show_figure("logins that came about", "", sum(answer.good for answer in tried) / len(tried), least=0.9)
    show_figure("logins p99", "ms", p99(tried), most=1000)
    show_figure("rooms p99 meanwhile", "ms", prober.p99("rooms"), most=50)


FIGURES = {figure.__name__: figure for figure in (start, readers, burst, day, posts, cards, logins)}


def read_options(program, description, figures):
    lines = "\n".join(f"  {name:10} {figure.__doc__}" for name, figure in figures.items())
    parser = argparse.ArgumentParser(prog=program, description=description + lines,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=figures, default=list(figures), metavar="FIGURE",
                        help="these figures alone")
    if {"start", "posts"} & figures.keys():
        parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of start and posts (default 3)")
    parser.add_argument("--seconds", type=int, default=10, metavar="N", help="of each measurement (default 10)")
    reads.add_data_options(parser)
    return parser.parse_args()


def main(program, description, figures):
    options = read_options(program, description, figures)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends, too
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for 1,000 connections; wrk inherits it
    with tempfile.TemporaryDirectory(prefix="personaworlds-bench-",
                                     dir=options.data) as folder, Server(options.data) as server:
        print(server.describe(), flush=True)
        bench = Bench(options, server, pathlib.Path(folder))
        bench.prepare()
        for name in options.only:
            print(f"\n{name}: {figures[name].__doc__}", flush=True)
            figures[name](bench)
            sys.stdout.flush()


if __name__ == "__main__":
    main("script/bench load", __doc__, FIGURES)
