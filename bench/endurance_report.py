"""What a day of faults has shown, as tables, and what of it shouldn't be."""
from collections import Counter, defaultdict
from dataclasses import dataclass

from endurance_watch import SERVICES, Level, grows, level, longest_life, moves
from support.failover import table
from support.promises import CUT_OFF

AFTER = 30  # seconds after all parts are back in which an error may still be the fault's doing
MODEL_MOST = 128  # connections: two loops of an API keep LLM_MAX_CONCURRENCY each, 64
MIB = 1 << 20
NOBODY = "none"
WROTE = {"event": "POST /events", "persona": "POST /personas", "sign_up": "POST /auth/signup",
         "draft": "POST /rooms/{room}/posts/draft", "post": "POST /posts/{own}/approve",
         "reply": "POST /posts/{own}/generate-replies"}


@dataclass
class Window:
    """The time of a fault, on time.monotonic."""

    name: str
    began: float
    ended: float = float("inf")


def fault_at(windows, moment):
    """Whose doing it may be, the latest first."""
    return next((window.name for window in reversed(windows) if window.began <= moment <= window.ended + AFTER), NOBODY)


class Page:
    def __init__(self, run):
        self.run, self.lines, self.broken = run, [], list(run.trouble)

    def add(self, title, heads, rows, below=""):
        self.lines += [f"### {title}", ""]
        if rows:
            self.lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
            self.lines += [f"| {' | '.join(map(str, row))} |" for row in rows] + [""]
        self.lines += [below, ""] if below else []

    # ---- what it takes ----

    def processes(self):
        rows = []
        for name in SERVICES:
            samples = self.run.watch.samples[name]
            life = longest_life(samples)
            levels = {field: level([(sample.at, getattr(sample, field)) for sample in life])
                      for field in ("resident", "anonymous", "own", "model", "threads")}
            for field, is_wrong in (("resident", grows), ("own", moves), ("threads", moves)):
                if is_wrong(levels[field]):
                    self.broken.append(f"{name}: {field} went by {levels[field].change:+.1%}")
            most = max((sample.model for sample in samples), default=0)
            if most > MODEL_MOST:
                self.broken.append(f"{name}: {most} connections to the model's server")
            rows.append([name, len({sample.life for sample in samples}), f"{levels['own'].seconds / 60:.0f} min",
                         shown(levels["resident"], MIB), shown(levels["anonymous"], MIB), shown(levels["own"]),
                         f"{shown(levels['model'])}, most {most}", shown(levels["threads"])])
        self.add("Processes", ["process", "lives", "the longest", "resident, MiB", "anonymous, MiB", "descriptors",
                               "connections to the model", "threads"], rows,
                 "Medians of the second third of the longest life and of its last; descriptors are those that are no "
                 "connections of clients or to the model.")

    def connections(self):
        clients, levels = level(self.clients()), {
            name: level(points) for name, points in sorted(self.run.watch.connections.items())}
        wrong = {name for name, found in levels.items() if moves(found)}
        levels["clients, of both APIs"] = clients
        wrong |= {name for name, found in levels.items() if grows(found)}
        self.broken += [f"connections: {name}: {levels[name].change:+.1%}" for name in sorted(wrong)]
        self.add("Connections", ["of", "second third, last"], [[name, shown(found)] for name, found in levels.items()])

    def clients(self):
        """(time, how many) of both APIs together: the balancer gives them to the one or the other."""
        seconds = defaultdict(dict)
        for name in ("api1", "api2"):
            for sample in self.run.watch.samples[name]:
                seconds[round(sample.at)][name] = sample.clients
        return [(at, sum(each.values())) for at, each in sorted(seconds.items()) if len(each) == 2]

    # ---- what was answered ----

    def answers(self):
        run, routes = self.run, defaultdict(lambda: defaultdict(Counter))
        for answer in [*run.day.answers, *(a._replace(kind=WROTE[a.kind]) for a in run.promises.answers)]:
            fault = fault_at(run.windows, answer.ended)
            routes[answer.kind][fault != NOBODY][outcome(answer)] += 1
            if is_wrong_answer(answer, fault):
                self.broken.append(f"{answer.kind}: {outcome(answer)} (fault: {fault})")
        rows = []
        for route, sides in sorted(routes.items()):
            total = sum(map(Counter.total, sides.values()))
            rows.append([route, total, failures(sides[False]), failures(sides[True])])
        self.add("Answers", ["route", "asked", "failed outside of faults", "failed in a fault, or 30 s after it"], rows)

    # ---- what was said ----

    def log_lines(self):
        found, examples = defaultdict(Counter), {}
        for line in self.run.watch.lines:
            fault = fault_at(self.run.windows, line.at)
            key = (line.level, line.kind, line.said)
            found[key][fault] += 1
            examples.setdefault((key, fault), line.whole)
            if line.level == "error" and fault == NOBODY:
                self.broken.append(f"an error line that no fault explains: {line.whole}")
        rows = [[*key, "; ".join(f"{fault}: {n}" for fault, n in faults.most_common())]
                for key, faults in sorted(found.items())]
        self.add("Log lines", ["level", "of", "said", "during which fault"], rows)
        self.broken += [f"a line that isn't JSON: {line}" for line in self.run.watch.stray]

    # ---- all of it ----

    def text(self):
        run = self.run
        self.lines += [f"## {run.minutes:.0f} minutes, {len(run.windows)} faults, {run.asked.way}, {run.asked.mode}, "
                       f"seed {run.asked.seed}", "", f"{run.watch.busy:.0%} of the processors were in use.", ""]
        self.lines.append(table("Faults", run.rows, run.summary))
        for part in (self.processes, self.connections, self.answers, self.log_lines):
            part()
        self.broken += [f"{name}: {what}" for name, what in run.nothing.items() if what]
        told = [f"- {count} × {what}" if count > 1 else f"- {what}" for what, count in Counter(self.broken).items()]
        self.lines += ["### Not kept", "", *told] if told else ["All of it was kept."]
        return "\n".join(self.lines) + "\n"


def shown(found: Level, unit=1):
    if not found.seconds:
        return "not seen"
    places = 1 if unit > 1 else 0
    judged = "" if found.is_judged else ", too short to judge"
    return (f"{found.second / unit:.{places}f} → {found.last / unit:.{places}f} "
            f"({found.change:+.1%}{judged})")


def outcome(answer):
    return f"{answer.status or ''} {answer.code or answer.fault}".strip()


def failures(outcomes):
    return ", ".join(f"{n} × {what}" for what, n in outcomes.most_common() if what not in SUCCESSES) or "none"


SUCCESSES = {str(status) for status in range(200, 400)}


def is_wrong_answer(answer, fault):
    """Under a fault clients may be told to come again, or that the outcome is unknown, and an API
    that is killed cuts them off. Nothing else may be, and none of it without a fault."""
    if answer.fault or 400 <= answer.status <= 500:
        return True
    is_failure = answer.status > 500 or answer.code == CUT_OFF
    return is_failure and fault == NOBODY


def report(run):
    """The text, and what wasn't kept."""
    page = Page(run)
    return page.text(), page.broken
