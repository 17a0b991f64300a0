"""script/bench slow [OPTION...]: the API under clients that are slow on purpose (slowhttptest).

Each figure has an API of its own, just started, without rate limits. All slow connections are of
one address; from another a prober in a process of its own asks for /healthz 200 times a second and
for /rooms 50 times. A line ends in ok or SHORT where it has a target.

figures:
"""
import re
import subprocess

import load
from job_rates import show_figure
from open_loop import PROBED, Prober, paced

SLOW, A_SECOND = 1000, 500  # connections, and how fast they come
OTHER = "127.0.0.2"  # slowhttptest comes from 127.0.0.1
ROOMS = 50  # a second
MOST = 50  # ms


def attack(bench, api, path, *options):
    """What slowhttptest says; it holds all of its connections for the seconds of the measurement."""
    command = ["slowhttptest", "-c", SLOW, "-r", A_SECOND, "-l", bench.options.seconds + SLOW // A_SECOND, "-p", 5,
               "-u", api.url + path, *options]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout


def connected(said):
    """The most connections that were open at a time."""
    return max(map(int, re.findall(r"connected:\s+(?:\x1b\[[\d;]*m)*\s*(\d+)", said)))


def measure(bench, path, *options):
    rooms = paced("rooms", load.bytes_of(bench.routes_by_name["rooms"]), ROOMS, PROBED)
    with bench.api() as api:
        alone, before = load.healthz_alone(bench, api), api.resident_mib()
        with Prober(api.port, rooms, OTHER) as prober:
            said = attack(bench, api, path, *options)
        show_figure("slow connections", "", connected(said), least=SLOW / 2)
        show_figure("resident more, at most", "MiB", api.resident_mib("VmHWM") - before)
        show_figure("probes not answered 200", "", sum(not answer.good for answer in prober.answers), most=0)
        load.show_healthz(alone, prober.p99(), most=MOST)
        show_figure("rooms p99 meanwhile", "ms", prober.p99("rooms"), most=MOST)


def headers(bench):
    """1,000 clients send a header every second, and never the last."""
    measure(bench, "/rooms", "-H", "-i", 1)


def bodies(bench):
    """1,000 clients send some bytes of a body every second, and never the last."""
    measure(bench, "/auth/login", "-B", "-i", 1, "-s", 8192)


def reads(bench):
    """1,000 clients ask for a large answer five times, and read a few bytes of it a second."""
    measure(bench, "/openapi.json", "-X", "-k", 5, "-w", 10, "-y", 50, "-n", 1, "-z", 10)


if __name__ == "__main__":
    load.main("script/bench slow", __doc__, {figure.__name__: figure for figure in (headers, bodies, reads)})
