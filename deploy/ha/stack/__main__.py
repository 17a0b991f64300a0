"""The commands of script/stack."""
import argparse
import os
import signal
import sys
import time

from layout import Layout, default_folder
from nodes import Nodes
from processes import memory, send, started_at, state
from running import run

SIGNALS = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP, "thaw": signal.SIGCONT}
ROLES = ("primary", "standby", "replica", "postmaster", "etcd", "redis", "api", "worker")
OURS = ("API_STOP_DELAY", "AUTO_MIGRATE", "DATABASE_", "DB_POOLER", "FRONTEND_ORIGIN", "JWT_SECRET", "LISTEN_ADDRESS",
        "OBSERVABILITY_LISTEN", "PORT", "REDIS_URL", "TRUSTED_PROXIES", "WORKER_OBSERVABILITY_PORT")


def arguments():
    parser = argparse.ArgumentParser(prog="script/stack", add_help=False)
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--folder")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=argparse.ArgumentParser)
    up = commands.add_parser("up", parents=[folder], add_help=False)
    up.add_argument("--way", choices=("haproxy", "pgbouncer", "hosts"), default="haproxy")
    up.add_argument("--strict", dest="is_strict", action="store_true", default=True)
    up.add_argument("--fast", dest="is_strict", action="store_false")
    for name in ("status", "switchover"):
        commands.add_parser(name, parents=[folder], add_help=False)
    for name in SIGNALS:
        commands.add_parser(name, parents=[folder], add_help=False).add_argument("part")
    return parser.parse_args()


def settings():
    """The model's, the limits' and so on come from the shell; where things are is the stack's own affair."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


def found(asked):
    """The stack that runs: its layout, what it says of itself, and a look at it."""
    layout = Layout(asked.folder or default_folder())
    said = layout.running()
    if not said:
        raise SystemExit(f"script/stack: none runs in {layout.folder}: start one by script/stack")
    layout.recall()
    pids = {name: part["pid"] for name, part in said["parts"].items() if started_at(part["pid"]) == part["started_at"]}
    return layout, said, Nodes(layout, pids)


def part_of(nodes, named):
    """The part that has this role just now, or this name."""
    finders = {"primary": lambda: nodes.named("leader"), "postmaster": lambda: nodes.named("leader"),
               "standby": lambda: nodes.named("sync_standby"), "replica": lambda: nodes.named("replica"),
               "etcd": nodes.etcd_leader, "redis": nodes.redis_master,
               "api": lambda: first(nodes, "api"), "worker": lambda: first(nodes, "worker")}
    name = finders[named]() if named in finders else named
    if name not in nodes.pids:
        known = ", ".join([*ROLES, *sorted(nodes.pids)])
        raise SystemExit(f"script/stack: no part is {named} just now; there are {known}")
    return name


def first(nodes, kind):
    return next((name for name in sorted(nodes.pids) if name.startswith(kind)), None)


def give_signal(asked):
    _, _, nodes = found(asked)
    name = part_of(nodes, asked.part)
    pids = nodes.processes(name)
    if asked.part == "postmaster":
        pids = nodes.postgres(name)[:1]
    for pid in pids:
        send(pid, SIGNALS[asked.command])
    done = {"kill": "killed", "freeze": "frozen", "thaw": "goes on"}[asked.command]
    print(f"{name}: {done} ({len(pids)} process{'es' if len(pids) > 1 else ''})")


def switch_over(asked):
    _, _, nodes = found(asked)
    leader = nodes.named("leader")
    began = time.monotonic()
    status, text = nodes.ask_patroni("/switchover", {"leader": leader})
    if status != 200:
        raise SystemExit(f"script/stack: no switchover: {text.strip()}")
    print(f"{text.strip()} ({time.monotonic() - began:.1f} s)")


def show_status(asked):
    layout, said, nodes = found(asked)
    members, leader, master = nodes.members(), nodes.etcd_leader(), nodes.redis_master()
    print(f"{layout.folder}: {'ready' if said['ready'] else 'starting'}, by {said['way']}, "
          f"{'strict' if said['strict'] else 'fast'}")
    total = 0
    for name in layout.parts():
        pids = nodes.processes(name)
        total += (size := memory(pids))
        member = members.get(name, {})
        role = member.get("role") or {leader: "leader", master: "master"}.get(name, "")
        if name.startswith(("api", "worker")):
            role = "ready" if nodes.is_ready(name) else "not ready"
        lag = f", {member['lag']} bytes behind" if member.get("lag") else ""
        now = "gone" if not pids else "frozen" if state(pids[0]) == "T" else "runs"
        print(f"  {name:14} {now:7} {size >> 20:4} MiB  {role}{lag}".rstrip())
    print(f"  {'all':14} {'':7} {total >> 20:4} MiB")


def main():
    asked = arguments()
    if asked.command == "up":
        layout = Layout(asked.folder or default_folder())
        return run(layout, asked.way, asked.is_strict, keep=bool(asked.folder), settings=settings())
    return {"status": show_status, "switchover": switch_over}.get(asked.command, give_signal)(asked)


sys.exit(main())
