"""What is done to a stack's parts while people write, and how long they wait for it: a row each."""
import datetime
import json
import time
from dataclasses import dataclass, field

from support.waiting import eventually

QUIET = 2.0  # seconds of undisturbed writes before a fault, and after it
FROZEN_PRIMARY, FROZEN_STANDBY = 28, 12  # seconds: longer than it takes the others to do without it


@dataclass(frozen=True)
class Fault:
    """`words` of script/stack begin it, `then` ends it after `lasts` seconds. `strict` and `fast`:
    the longest time without an acknowledged write in these modes, in seconds."""

    name: str
    words: tuple
    strict: float
    fast: float
    lasts: float = 0
    then: str = None


FAULTS = {fault.name: fault for fault in (
    Fault("kill -9 of the primary's postmaster", ("kill", "postmaster"), 6.5, 3.5),
    Fault("switchover", ("switchover",), 4.5, 3.0),
    Fault("kill -9 of the primary's node", ("kill", "primary"), 26, 24),
    Fault("the primary's node frozen for 28 s", ("freeze", "primary"), 26, 24, FROZEN_PRIMARY, "thaw"),
    Fault("kill -9 of the synchronous standby's node", ("kill", "standby"), 2.5, 2.5),
    Fault("the synchronous standby's node frozen for 12 s", ("freeze", "standby"), 8, 8, FROZEN_STANDBY, "thaw"),
    Fault("kill -9 of etcd's leader", ("kill", "etcd"), 2.5, 2.5),
    Fault("kill -9 of Redis' master", ("kill", "redis"), 1.0, 1.0),
    Fault("kill -9 of an API", ("kill", "api"), 1.0, 1.0),
    Fault("kill -9 of a worker", ("kill", "worker"), 1.0, 1.0),
)}


@dataclass
class Row:
    """What one fault cost."""

    fault: Fault
    wait: float  # the longest time without an acknowledged write
    ready: float  # until both APIs were ready again, from the first write acknowledged after it
    unready: float  # until both said that they aren't, from the last write before it; None: one never did
    start: float  # of the jobs due in the seconds after it: from due to started, all but one in twenty
    failures: dict = field(default_factory=dict)
    whole: float = 0  # until every part was back, from the beginning


def whole(stack):
    eventually(stack.is_whole, within=120, pause=0.2)


def commit_to(stack, promises, fault):
    """One fault, from an undisturbed service to an undisturbed service."""
    whole(stack)
    _writes_go_on(promises)
    began = time.monotonic()
    part = stack.command(*fault.words).split(":")[0]
    if fault.then:
        eventually(lambda: time.monotonic() >= began + fault.lasts, within=fault.lasts + 5)
        stack.command(fault.then, part)
    _writes_go_on(promises)
    whole(stack)
    if "primary" in fault.words:
        assert stack.members()[part]["role"] != "leader", f"{part} took its place back"
    ended = time.monotonic()
    _writes_go_on(promises)
    wait, before, after = promises.longest_wait(began - 1, time.monotonic())
    return Row(fault, wait, promises.ready_after(after), promises.unready_after(before, after),
               _start_after(stack, time.time() + after - time.monotonic()),
               dict(promises.failures(began, time.monotonic())), ended - began)


def _writes_go_on(promises):
    """As many as undisturbed people do in `QUIET` seconds, or nearly: from now on."""
    began, before = time.monotonic(), promises.acknowledged()
    enough = before + 0.7 * promises.rate * QUIET
    eventually(lambda: promises.acknowledged() >= enough and time.monotonic() >= began + QUIET, within=90)


def _lines(stack, message):
    for part in ("worker1", "worker2", "worker3"):
        for line in stack.log_of(part).splitlines():
            if f'"msg":"{message}"' in line:
                yield json.loads(line)


def _start_after(stack, moment):
    """Of the jobs that were due within five seconds after it."""
    waits = []
    for line in _lines(stack, "job_started"):
        due = datetime.datetime.fromisoformat(line["ts"]).timestamp() - line["waited_ms"] / 1000
        if moment <= due < moment + 5:
            waits.append(line["waited_ms"] / 1000)
    return sorted(waits)[len(waits) * 95 // 100] if waits else 0


def table(title, rows, summary):
    """Markdown, as docs/SCALING.md has it."""
    lines = [f"### {title}", "", "| fault | longest time without an acknowledged write | not ready after | "
             "ready after the first write | due to start, p95 | failed requests |", "|---|---|---|---|---|---|"]
    for row in rows:
        failed = ", ".join(f"{n} × {what}" for what, n in sorted(row.failures.items())) or "none"
        unready = "never" if row.unready is None else f"{row.unready:.1f} s"
        lines.append(f"| {row.fault.name} | {row.wait:.2f} s | {unready} | {row.ready:.1f} s | "
                     f"{1000 * row.start:.0f} ms | {failed} |")
    return "\n".join([*lines, "", summary, ""])


def verdict(promises, provider, rows):
    """After all faults: what must be nothing, by its name; and the sentence that tells it."""
    promises.settle()
    killed = sum("worker" in row.fault.words for row in rows)
    vanished = {line["worker"] for line in _lines(promises.stack, "worker_vanished")}
    nothing = {"lost": promises.lost(), "doubled": promises.doubled(), "answers that no client can work with":
               dict(promises.faults()), "model calls paid twice": promises.paid_twice(provider)}
    nothing["workers taken for gone"] = max(len(vanished) - killed, 0)
    unfinished = promises.stack.rows(
        "SELECT count(*) AS n FROM jobs_all j WHERE job_type = 'generate_reply' AND status = 'DONE' AND NOT EXISTS "
        "(SELECT FROM replies r WHERE r.post_id = j.post_id AND r.persona_id = j.persona_id)")[0]["n"]
    nothing["jobs done without their reply"] = unfinished
    again = promises.stack.rows("SELECT count(*) AS n, count(*) FILTER (WHERE attempts > 1) AS again FROM jobs_all "
                                "WHERE job_type = 'generate_reply'")[0]
    counts = ", ".join(f"{name} {sum(value.values()) if isinstance(value, dict) else value}"
                       for name, value in nothing.items())
    return nothing, (f"{promises.acknowledged()} writes acknowledged of {len(promises.answers)} requests; {counts}; "
                     f"{again['again']} of {again['n']} reply jobs had a second attempt.")
