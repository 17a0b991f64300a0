"""deploy/runbook.toml ties together what is seen, alerted, shown, checked, done and practised.
Each side is held against it, in both directions."""
import json
import re

import pytest

from support.exposition import Page
from support.ports import free_port
from support.program import CHECKOUT, Worker, run
from support.prometheus import alerts, metrics_of
from support.runbook import asides, heading, modes


class Side:
    """What the table says of something, and what is there.
    `whole`: what is there beyond the table is an orphan, too."""

    def __init__(self, in_table, there, whole=True):
        self.in_table, self.there, self.whole = in_table, there, whole


def each(key):
    return lambda mode: {(mode["id"], name) for name in mode[key]}


def dashboard_rows():
    """[(row's title, its panels)]"""
    rows = []
    for panel in json.loads((CHECKOUT / "deploy/grafana/dashboards/personaworlds.json").read_text())["panels"]:
        if panel["type"] == "row":
            rows.append((panel["title"], []))
        else:
            rows[-1][1].append(panel)
    return rows


def mode_of_title(title):
    found = re.match(r"(\d+)\) ", title)
    return found and int(found[1])


def panels_by_mode():
    return {(mode_of_title(row), panel["title"]) for row, panels in dashboard_rows() for panel in panels}


def mode_rows():
    return {row for row, _ in dashboard_rows() if mode_of_title(row)}


def shown_metrics():
    """As families: a histogram's buckets show the histogram."""
    return {(mode_of_title(row), re.sub(r"_bucket$", "", name)) for row, panels in dashboard_rows() for panel in panels
            for target in panel["targets"]
            for name in metrics_of(target["expr"].replace("route:http_request_duration_seconds:p95_5m",
                                                          "http_request_duration_seconds")
                                   .replace("service:db_server_connections:ratio", "db_server_connections"))}


def sections():
    return set(re.findall(r"^## (\d+\) .+)$", (CHECKOUT / "docs/RUNBOOK.md").read_text(), re.MULTILINE))


def drills():
    """Of one mode each; pairs of faults are of no mode."""
    return {str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "tests/drills").glob("test_[0-9]_*.py")}


def triage_checks():
    """Nothing is there for it to look at, and it names each check all the same."""
    nowhere = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
    done = run("triage", "--json", "--sample", "200ms", "--api", nowhere[0], "--worker", nowhere[1],
               DATABASE_URL=f"postgres://postgres@127.0.0.1:{free_port()}/x")
    return {(check["mode"], check["id"]) for check in json.loads(done.stdout)["checks"]}


SIDES = {
    "alerts": Side(each("alerts"), lambda: {(int(rule["labels"]["mode"]), rule["alert"]) for rule in alerts()
                                            if "mode" in rule["labels"]}),
    "panels": Side(each("panels"), panels_by_mode, whole=False),
    "rows of the dashboard": Side(lambda mode: {heading(mode)}, mode_rows),
    "metrics on the dashboard": Side(each("metrics"), shown_metrics, whole=False),
    "sections of docs/RUNBOOK.md": Side(lambda mode: {heading(mode)}, sections),
    "drills": Side(lambda mode: {mode["drill"]}, drills),
    "checks of triage": Side(lambda mode: {(mode["id"], check["id"]) for check in mode["check"]}, triage_checks),
}


def differences(side, table, there):
    """What is wrong between them, in words; nothing: []."""
    wanted = {entry for mode in table for entry in side.in_table(mode)}
    orphans = there - wanted if side.whole else set()
    return [f"not there: {entry}"
            for entry in sorted(wanted - there)] + [f"not in deploy/runbook.toml: {entry}" for entry in sorted(orphans)]


@pytest.mark.parametrize("name", SIDES)
def test_the_table_is_what_there_is(name):
    assert differences(SIDES[name], modes(), SIDES[name].there()) == []


@pytest.mark.parametrize("name", SIDES)
def test_what_one_side_lacks_is_noticed(name):
    side = SIDES[name]
    there = {entry for mode in modes() for entry in side.in_table(mode)}
    assert differences(side, modes(), there) == []
    for entry in there:
        assert differences(side, modes(), there - {entry}) == [f"not there: {entry}"]
    if side.whole:
        for mode in modes():
            shorter = [other for other in modes() if other != mode]
            assert differences(side, shorter, there) == [f"not in deploy/runbook.toml: {entry}"
                                                         for entry in sorted(side.in_table(mode))]


def test_an_alert_or_a_check_belongs_to_one_mode():
    for key, names in (("alert", [name for mode in modes() for name in mode["alerts"]]),
                       ("check", [check["id"] for mode in modes() for check in mode["check"]]),
                       ("mode", [mode["id"] for mode in modes()])):
        assert len(names) == len(set(names)), key


def test_each_metric_of_the_table_is_on_a_port(api, database):
    with Worker(database.url) as worker:
        families = set(Page(api.metrics()).types) | set(Page(worker.metrics()).types)
    assert sorted({name for mode in modes() for name in mode["metrics"]} - families) == []


def test_what_is_watched_beside_the_modes_is_in_the_table():
    """An alert without a mode has a section of the runbook, and its panels are there."""
    assert {aside["alert"] for aside in asides()} == {rule["alert"] for rule in alerts()
                                                      if "mode" not in rule["labels"]}
    there = set(re.findall(r"^## (.+)$", (CHECKOUT / "docs/RUNBOOK.md").read_text(), re.MULTILINE))
    assert {aside["section"] for aside in asides()} <= there
    shown = {panel for _, panel in panels_by_mode()}
    assert {panel for aside in asides() for panel in aside["panels"]} <= shown
