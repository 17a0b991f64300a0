"""A Prometheus of the test's own, with the rules of deploy/prometheus/rules.yml, in which an hour
takes a minute.

    with Prometheus(api=[api.port], worker=[worker.port]) as prometheus:
        api.kill()
        eventually(lambda: ("ApiDown", "page") in prometheus.alerts_firing(), within=60)
        prometheus.watch(worker=[])         # targets may change while it runs: here none are left
        print(prometheus.story())           # what was pending and firing when, since the start

Windows and `for` are those of the rules divided by `faster`. Each `for` is longer by the time that
a restart takes, so that a restart wakes nobody. Latencies and ages aren't scaled, so a test makes
old what should look old: a job's or an activity's created_at. Counts aren't either, but for how many
requests and statements a percentile is of: a drill's traffic is a small service's, not a sixtieth.
"""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading

import httpx
import yaml

from support.ports import free_port
from support.program import CHECKOUT
from support.waiting import eventually

PROMETHEUS = CHECKOUT / "deploy/prometheus"
RULES = PROMETHEUS / "rules.yml"
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
SCRAPE_SECONDS = 0.5
SHORTEST_RANGE = 4 * SCRAPE_SECONDS  # of two samples at the least, should one be late
RESTART_SECONDS = 3.0  # a service that is started anew is away for a moment, which no hurry makes shorter


def seconds(duration):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h|d)", duration).groups()
    return int(number) * UNITS[unit]


def hurry(expression, faster):
    """The expression with its ranges divided by `faster`."""
    return re.sub(r"\[(\w+)\]", lambda match: f"[{max(seconds(match[1]) / faster, SHORTEST_RANGE) * 1000:.0f}ms]",
                  expression)


def rules():
    """Every rule, in the order of the file."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def hurried_rules(faster):
    hurried = []
    for rule in rules():
        rule = rule | {"expr": hurry(rule["expr"], faster)}
        if rule.get("record", "").endswith(":increase5m"):
            rule["expr"] = f"{rule['expr']} * {faster}"
        if "for" in rule:
            rule["for"] = f"{(seconds(rule['for']) / faster + RESTART_SECONDS) * 1000:.0f}ms"
        hurried.append(rule)
    return {"groups": [{"name": "personaworlds", "rules": hurried}]}


KEYWORDS = {"and", "or", "unless", "by", "on", "without", "ignoring", "bool", "offset", "group_left", "group_right"}
SELECTOR = re.compile(r'([a-zA-Z_:][\w:]*)\{((?:[^"}]|"[^"]*")*)\}')
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


def metrics_of(expression):
    """The names of the metrics that an expression reads."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(?:by|on|without|ignoring) *\([^)]*\)", "", bare)
    return {name for name in re.findall(r"(?<![\w.$])([a-zA-Z_:][\w:]*)(?! *\()\b(?![\w:]* *\()", bare)} - KEYWORDS


def matchers_of(expression):
    """(metric, label, value) for each value that an expression chooses by or leaves out;
    a pattern's alternatives each."""
    return {(metric, label, value) for metric, inside in SELECTOR.findall(expression)
            for label, _, pattern in MATCHER.findall(inside) for value in pattern.split("|")}


def program(name):
    found = shutil.which(name)
    assert found, f"no {name}: run script/bootstrap --tests"
    return found


def promtool(*arguments, given=None):
    return subprocess.run([program("promtool"), *arguments], input=given, capture_output=True, text=True, timeout=120)


class Prometheus:
    def __init__(self, api=(), worker=(), faster=60):
        self.port, self.faster = free_port(), faster
        self._targets = {"backend": list(api), "worker": list(worker)}
        self._states, self._ended = [], threading.Event()

    # ---- what it watches ----

    def watch(self, api=None, worker=None):
        """From the next scrapes on, these ports; None: as before."""
        for job, ports in (("backend", api), ("worker", worker)):
            if ports is not None:
                self._targets[job] = list(ports)
                self._write_targets(job)

    def _write_targets(self, job):
        """A whole file in place of the one before, as Prometheus reads it on every change."""
        fresh = self.folder / f"{job}.new"
        fresh.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}" for port in self._targets[job]]}]))
        fresh.rename(self.folder / f"{job}.json")

    def _write_configuration(self, *rule_files):
        interval = f"{SCRAPE_SECONDS * 1000:.0f}ms"
        scrapes = [{"job_name": job, "file_sd_configs": [{"files": [str(self.folder / f"{job}.json")]}]}
                   for job in self._targets]
        everything = {"global": {"scrape_interval": interval, "scrape_timeout": interval,
                                 "evaluation_interval": interval},
                      "rule_files": rule_files, "scrape_configs": scrapes}
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(everything))

    # ---- what it says ----

    def _get(self, path, **parameters):
        answer = self.client.get(f"/api/v1/{path}", params=parameters).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        """The samples of an instant query: [(labels, value)]."""
        return [(sample["metric"], float(sample["value"][1]))
                for sample in self._get("query", query=expression)["result"]]

    def alerts(self, state):
        """(name, severity) of those in this state: pending or firing."""
        return {(alert["labels"]["alertname"], alert["labels"]["severity"])
                for alert in self._get("alerts")["alerts"] if alert["state"] == state}

    def alerts_firing(self):
        return self.alerts("firing")

    def pages(self):
        """The names of those that would wake somebody now."""
        return {name for name, severity in self.alerts_firing() if severity == "page"}

    def pages_so_far(self):
        """The names of all that would have woken somebody since the start."""
        assert self._notes.is_alive(), "nobody takes notes any more: what fired since isn't known"
        return {name for _, _, firing in self._states for name, severity in firing if severity == "page"}

    def forget(self):
        """pages_so_far begins anew."""
        self._states = []

    def targets_up(self):
        """{job: how many answered the last scrape}"""
        return {labels["job"]: int(value) for labels, value in self.query("sum by (job) (up)")}

    def story(self):
        """What was pending and firing, at each change."""
        lines, before = [], None
        for at, pending, firing in self._states:
            if (pending, firing) != before:
                lines.append(f"{at:6.1f} s  pending: {sorted(pending)}  firing: {sorted(firing)}")
            before = pending, firing
        return "\n".join(lines)

    def _take_notes(self):
        clock = 0.0
        while not self._ended.wait(SCRAPE_SECONDS / 2):
            clock += SCRAPE_SECONDS / 2
            self._states.append((clock, frozenset(self.alerts("pending")), frozenset(self.alerts("firing"))))

    # ---- its life ----

    def start(self):
        """Returns when every target was scraped and the rules were evaluated. Prometheus takes 5 s
        until it knows its first targets, in which the rules, hurried, would take them all for dead:
        so these come later."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="personaworlds-prometheus-"))
        for job in self._targets:
            self._write_targets(job)
        (self.folder / "rules.yml").write_text(yaml.safe_dump(hurried_rules(self.faster)))
        self._write_configuration()
        self._log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            [program("prometheus"), f"--config.file={self.folder}/prometheus.yml",
             f"--storage.tsdb.path={self.folder}/data", "--log.level=warn",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self._log, stderr=self._log, start_new_session=True)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10, trust_env=False)
        try:
            eventually(self._has_scraped, within=30)
            self._write_configuration("rules.yml")
            self.process.send_signal(signal.SIGHUP)
            eventually(self._has_evaluated, within=30)
        except BaseException:
            self.stop()
            raise
        self._notes = threading.Thread(target=self._take_notes, daemon=True)
        self._notes.start()
        return self

    def _has_scraped(self):
        assert self.process.poll() is None, f"Prometheus ended: {(self.folder / 'log').read_text()}"
        try:
            if self.client.get("/-/ready").status_code != 200:
                return False
            scraped = {target["labels"]["instance"]
                       for target in self._get("targets")["activeTargets"] if target["health"] != "unknown"}
            return len(scraped) == sum(map(len, self._targets.values()))
        except httpx.TransportError:
            return False

    def _has_evaluated(self):
        groups = self._get("rules")["groups"]
        return groups and all(rule["health"] == "ok" for group in groups for rule in group["rules"])

    def stop(self):
        self._ended.set()
        if hasattr(self, "_notes"):
            self._notes.join(10)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.client.close()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
