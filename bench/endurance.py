"""endurance.py [--minutes N] [--every SECONDS] [--way WAY] [--mode MODE] [--seed N]: the service on
several machines (script/stack) through a mixed day of 50 people in which one part after the other is
killed or frozen.

  --minutes N      how long (45)
  --every SECONDS  from one fault to the next (120); a longer one takes the next one's turn
  --way            haproxy (what it is without it), pgbouncer, hosts: how the services reach Postgres
  --mode           strict (what it is without it), fast: whether a commit ever goes without a standby
  --seed N         the same order of faults and acts again; it is printed

Fails where something is lost, doubled or paid twice; where memory, descriptors or connections grow
from the second third to the last by over 5 %; and where an error is answered or logged that no fault
explains. The tables are in build/endurance.md, too, and samples in build/endurance.json. Ctrl-C ends
it, and what was seen until then is printed.
"""
import argparse
import json
import pathlib
import random
import signal
import sys
import time
from urllib.parse import urlsplit

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

from endurance_day import Day  # noqa: E402
from endurance_report import Window, report  # noqa: E402
from endurance_watch import Watch  # noqa: E402
from fakes.openai import FakeProvider  # noqa: E402
from support.failover import FAULTS, commit_to, verdict  # noqa: E402
from support.promises import Promises  # noqa: E402
from support.stack import Stack  # noqa: E402

PROGRAM = CHECKOUT / "build/personaworlds"
OUTPUT, SAMPLES = CHECKOUT / "build/endurance.md", CHECKOUT / "build/endurance.json"
WRITES = 20  # a second, of which all are looked up afterwards
LEFT = 45  # seconds that the last fault has at least


def options():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--every", type=float, default=120)
    parser.add_argument("--way", choices=("haproxy", "pgbouncer", "hosts"), default="haproxy")
    parser.add_argument("--mode", choices=("strict", "fast"), default="strict")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit(0)
    return parser.parse_args()


def in_turn(seed):
    """All kinds of faults, in another order each time."""
    chance = random.Random(seed)
    while True:
        yield from chance.sample(list(FAULTS.values()), len(FAULTS))


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def wait_until(moment):
    time.sleep(max(0.0, moment - time.monotonic()))


class Run:
    """One day, and what was seen of it."""

    def __init__(self, asked):
        self.asked, self.windows, self.rows, self.trouble = asked, [], [], []
        self.nothing, self.summary, self.minutes = {}, "", 0

    def live(self):
        with FakeProvider() as provider, Stack("--way", self.asked.way, f"--{self.asked.mode}",
                                               PERSONAWORLDS_BINARY=PROGRAM, LLM_PROVIDER="openai",
                                               OPENAI_BASE_URL=provider.url, OPENAI_API_KEY="key",
                                               STREAM_LIFE="1h", DEFAULT_PREVIEW_QUOTA=10000) as self.stack:
            with (Watch(self.stack, urlsplit(provider.url).port) as self.watch,
                  Promises(self.stack, WRITES, self.asked.seed) as self.promises,
                  Day(self.stack, [self.stack.at(name) for name in ("api1", "api2")], self.asked.seed) as self.day):
                self._noting(self._disturb)
            say("the day is over; what was promised is looked up")
            self._noting(self._look_up, provider)

    def _noting(self, act, *more):
        """What ends it early is told with all that was seen until then."""
        try:
            act(*more)
        except AssertionError as failed:
            self.trouble.append(f"it ended early: {failed}")
        except KeyboardInterrupt:
            self.trouble.append("it was interrupted")

    def _disturb(self):
        """A fault at each turn until the time is up."""
        began, every, turn = time.monotonic(), self.asked.every, 1
        end = began + 60 * self.asked.minutes
        try:
            for fault in in_turn(self.asked.seed):
                turn = max(turn, int((time.monotonic() - began) / every) + 1)
                if began + turn * every + LEFT > end:
                    break
                wait_until(began + turn * every)
                self._commit(fault, began)
                turn += 1
            wait_until(end)
        finally:
            self.minutes = (time.monotonic() - began) / 60

    def _commit(self, fault, began):
        window = Window(fault.name, time.monotonic())
        self.windows.append(window)
        row = commit_to(self.stack, self.promises, fault)
        window.ended = time.monotonic()
        self.rows.append(row)
        say(f"minute {(window.began - began) / 60:.1f}: {fault.name}: {row.wait:.2f} s without an acknowledged write, "
            f"all back after {row.whole:.0f} s")

    def _look_up(self, provider):
        self.nothing, self.summary = verdict(self.promises, provider, self.rows)


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    asked = options()
    for number in (signal.SIGINT, signal.SIGTERM):  # the shell lets what it starts in the background ignore the first
        signal.signal(number, interrupted)
    say(f"{asked.minutes:g} minutes, a fault every {asked.every:g} s, {asked.way}, {asked.mode}, seed {asked.seed}")
    run = Run(asked)
    run.live()
    text, broken = report(run)
    OUTPUT.write_text(text)
    SAMPLES.write_text(json.dumps(run.watch.kept()))
    print(text)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
