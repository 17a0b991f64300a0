"""failover.py [--rounds N] [--way WAY...] [--mode MODE...] [--fault TEXT...] [--rate N]: what it
costs those who write when a part of the service on several machines (script/stack) is killed or
frozen.

  --rounds N   each fault so often (1)
  --way        haproxy (what is measured without it), pgbouncer, hosts: how the services reach Postgres
  --mode       strict, fast (both without it): whether a commit ever goes without a standby
  --fault      those alone whose names have this text
  --rate N     writes a second that are begun, whatever became of those before (70)

A row is one fault; below the rows stands what was promised and what of it was lost, doubled or paid twice: nothing.
The tables are in build/failover.md, too. About five minutes a round, way and mode.
"""
import argparse
import pathlib
import sys

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

from fakes.openai import FakeProvider  # noqa: E402
from support.failover import FAULTS, commit_to, table, verdict  # noqa: E402
from support.promises import Promises  # noqa: E402
from support.stack import Stack  # noqa: E402

PROGRAM, OUTPUT = CHECKOUT / "build/personaworlds", CHECKOUT / "build/failover.md"


def options():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--way", nargs="+", choices=("haproxy", "pgbouncer", "hosts"), default=["haproxy"])
    parser.add_argument("--mode", nargs="+", choices=("strict", "fast"), default=["strict", "fast"])
    parser.add_argument("--fault", nargs="+", default=[""])
    parser.add_argument("--rate", type=int, default=70)
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit(0)
    return parser.parse_args()


def measure(way, mode, faults, rate):
    """The table, and whether all that must be nothing is."""
    with FakeProvider() as provider, Stack("--way", way, f"--{mode}", PERSONAWORLDS_BINARY=PROGRAM,
                                           LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url,
                                           OPENAI_API_KEY="key") as stack:
        rows = []
        with Promises(stack, rate) as promises:
            for fault in faults:
                rows.append(commit_to(stack, promises, fault))
                print(f"  {fault.name}: {rows[-1].wait:.2f} s", file=sys.stderr, flush=True)
        nothing, summary = verdict(promises, provider, rows)
    return table(f"{way}, {mode}", rows, summary), not any(nothing.values()), nothing


def main():
    asked = options()
    faults = [fault for fault in FAULTS.values() if any(text in fault.name for text in asked.fault)] * asked.rounds
    if not faults:
        sys.exit("failover.py: no fault has that in its name: " + "; ".join(FAULTS))
    OUTPUT.write_text("")
    kept = True
    for way in asked.way:
        for mode in asked.mode:
            print(f"{way}, {mode}", file=sys.stderr)
            told, is_nothing, nothing = measure(way, mode, faults, asked.rate)
            kept = kept and is_nothing
            print(told if is_nothing else f"{told}\nNOT KEPT: {nothing}")
            with OUTPUT.open("a") as output:
                output.write(told + "\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
