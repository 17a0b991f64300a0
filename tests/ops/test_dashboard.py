"""deploy/grafana/: the dashboard is what its script makes,
shows what is there, and so do the rules."""
import collections
import json
import re
import subprocess
import sys

import pytest
import yaml

from support.exposition import Page
from support.program import CHECKOUT, Worker
from support.prometheus import alerts, matchers_of, metrics_of, promtool, rules

GRAFANA = CHECKOUT / "deploy/grafana"
DASHBOARD = json.loads((GRAFANA / "dashboards/personaworlds.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
MADE_BY_PROMETHEUS = {"up", "ALERTS"}
MADE_BY_SCRAPING = {"job", "instance", "le", "alertname", "alertstate", "severity"}


def expressions():
    found = [target["expr"] for panel in PANELS
             for target in panel["targets"]] + [note["expr"] for note in DASHBOARD["annotations"]["list"]]
    return [expression.replace("$__rate_interval", "5m") for expression in found]


def recorded():
    return {rule["record"] for rule in rules() if "record" in rule}


@pytest.fixture(scope="module")
def samples(api, database):
    """The series of both ports: [(name, labels)]."""
    with Worker(database.url) as worker:
        return [(name, dict(labels)) for service in (api, worker) for name, labels in Page(service.metrics()).series()]


def test_the_dashboard_is_what_its_script_makes():
    made = subprocess.run([sys.executable, GRAFANA / "dashboard.py"], capture_output=True, text=True, check=True,
                          timeout=60).stdout
    assert made == (GRAFANA / "dashboards/personaworlds.json").read_text(), "run deploy/grafana/dashboard.py --write"


def test_no_panel_lies_on_another():
    cells = [(x, y) for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
             for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]
    assert len(cells) == len(set(cells)) and all(0 <= x < 24 for x, _ in cells)


def test_grafana_can_read_it():
    assert DASHBOARD["uid"] and DASHBOARD["title"] and DASHBOARD["schemaVersion"] >= 36
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
    assert all(panel["fieldConfig"]["defaults"]["unit"] and panel["targets"] for panel in PANELS)
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    named = re.findall(r'"uid": "(\w+)"',
                       json.dumps({"panels": DASHBOARD["panels"], "annotations": DASHBOARD["annotations"]}))
    assert set(named) == {source["uid"]} and source["type"] == "prometheus"
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/personaworlds.yml").read_text())["providers"]
    assert provider["type"] == "file" and provider["options"]["path"]


def test_every_expression_is_valid(tmp_path):
    """Prometheus reads them as rules."""
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions())]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = promtool("check", "rules", str(tmp_path / "rules.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("expression, metrics", [
    ('histogram_quantile(0.95, sum by (le, type) (rate(job_wait_seconds_bucket{type="a b"}[5m])))',
     {"job_wait_seconds_bucket"}),
    ('max(a:b:rate5m{x="y"} > 0.75 and on (route) c >= 10) or vector(0)', {"a:b:rate5m", "c"}),
    ("1 - avg_over_time(x[30d]) / 14.4e3", {"x"})])
def test_what_an_expression_reads(expression, metrics):
    assert metrics_of(expression) == metrics


def test_every_metric_is_there(samples):
    there = {name for name, _ in samples} | recorded() | MADE_BY_PROMETHEUS
    read = [name for expression in [*expressions(), *(rule["expr"] for rule in rules())]
            for name in metrics_of(expression)]
    assert len(read) > 80 and sorted(set(read) - there) == []


def test_every_label_has_the_values_that_are_asked_for(samples):
    """A misspelt one would choose nothing, and an alert be silent for ever."""
    wanted = {(metric, label, value) for expression in [*expressions(), *(rule["expr"] for rule in rules())]
              for metric, label, value in matchers_of(expression)
              if metric not in recorded() | MADE_BY_PROMETHEUS and label not in MADE_BY_SCRAPING}
    there = collections.defaultdict(set)
    for name, labels in samples:
        for label, value in labels.items():
            there[name, label].add(value)

    def exists(metric, label, value):
        found = there[metric, label]
        return value in found or any(re.fullmatch(value.replace("{", r"\{"), other) for other in found)

    assert len(wanted) > 15 and sorted(row for row in wanted if not exists(*row)) == []


def test_every_named_alert_is_one():
    """In the expressions by which a cause silences its symptoms."""
    named = {value for rule in rules() for _, label, value in matchers_of(rule["expr"]) if label == "alertname"}
    assert named <= {rule["alert"] for rule in alerts() if rule["labels"]["severity"] == "page"}
