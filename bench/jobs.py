"""script/bench queue [OPTION...]: the queue beside its best-known peer, graphile-worker.

Where there is a peer, both sides are measured in turn in one run on one Postgres, so that the ratio
of their medians holds on a noisy machine, too. A line ends in ok or SHORT where it has a target.

figures:
"""
import argparse
import pathlib
import signal
import sys
import tempfile

import job_rates
import job_trouble
from job_sides import Ours, Peer, Server

FIGURES = {figure.__name__: figure
           for figure in (job_rates.latency, job_rates.noop, job_rates.incoming, job_rates.replies, job_rates.provider,
                          job_trouble.kill, job_trouble.storm, job_trouble.finished, job_trouble.hold)}
PERSONAS = 200


class Bench:
    def __init__(self, options, server, folder):
        self.options, self.server, self.folder = options, server, folder
        self._ours = self._peer = None

    def ours(self):
        if not self._ours:
            self._ours = Ours(self.server, self.folder)
            self._ours.people(PERSONAS)
        return self._ours

    def peer(self):
        self._peer = self._peer or Peer(self.server, self.folder)
        return self._peer


def named_figures(text):
    names = text.split(",")
    if unknown := set(names) - set(FIGURES):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    return names


def read_options():
    figures = "\n".join(f"  {name:10} {figure.__doc__}" for name, figure in FIGURES.items())
    parser = argparse.ArgumentParser(prog="script/bench queue", description=__doc__ + figures,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=named_figures, default=list(FIGURES), metavar="NAME,...",
                        help="these figures alone")
    for name, default, what in (
            ("rounds", 3, "of each side of noop, incoming, replies, provider"), ("jobs", 20000, "in a round"),
            ("concurrency", 256, "of our worker in replies and hold"),
            ("single", 500, "jobs one by one: latency, finished"), ("seconds", 20, "of provider (a round) and storm"),
            ("kills", 3, "of kill; 30 for a p99"),
            ("digests", 200000, "due in storm"), ("finished", 1000000, "jobs beside which the claim is timed"),
            ("hold", 30, "seconds of the long transaction")):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{what} (default {default})")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/var/tmp"), metavar="FOLDER",
                        help="for Postgres; on a real disk (default /var/tmp)")
    return parser.parse_args()


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends, too
    with tempfile.TemporaryDirectory(prefix="personaworlds-bench-",
                                     dir=options.data) as folder, Server(options.data) as server:
        print(server.describe(), flush=True)
        bench = Bench(options, server, pathlib.Path(folder))
        for name in options.only:
            FIGURES[name](bench)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
