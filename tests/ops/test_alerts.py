"""deploy/prometheus/: the rules' own tests, and a real Prometheus that watches real services."""
import re

import pytest
import yaml

from support.program import CHECKOUT, Api, Worker
from support.prometheus import PROMETHEUS, RULES, Prometheus, alerts, hurry, promtool, rules
from support.runbook import anchor, section_of_alert
from support.waiting import eventually

PARTS = 4  # of the rules' tests


@pytest.fixture(scope="module")
def worker(database):
    with Worker(database.url) as worker:
        yield worker


@pytest.mark.parametrize("service", ["api", "worker"])
def test_the_metrics_are_as_prometheus_wants_them(service, request):
    done = promtool("check", "metrics", given=request.getfixturevalue(service).metrics())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_prometheus_can_read_its_files():
    for arguments in (["check", "config", "--syntax-only", PROMETHEUS / "prometheus.yml"], ["check", "rules", RULES]):
        done = promtool(*map(str, arguments))
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("part", range(PARTS))
def test_the_rules_pass_their_own_tests(tmp_path, part):
    """`promtool test rules deploy/prometheus/rules_test.yml`, in parts: each case is hours of evaluations."""
    everything = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text())
    everything |= {"rule_files": [str(RULES)], "tests": everything["tests"][part::PARTS]}
    (tmp_path / "part.yml").write_text(yaml.safe_dump(everything))
    done = promtool("test", "rules", str(tmp_path / "part.yml"))
    assert everything["tests"] and done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent():
    cases = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text())["tests"]
    checks = [check for case in cases for check in case.get("alert_rule_test", [])]
    fires = {(check["alertname"], found["exp_labels"]["severity"]) for check in checks for found in check["exp_alerts"]}
    fires |= {tuple(re.findall(r'"(.*?)"', found["labels"])) for case in cases
              for check in case.get("promql_expr_test", [])
              for found in check["exp_samples"] if "severity" in found["labels"]}
    assert fires == {(rule["alert"], rule["labels"]["severity"]) for rule in alerts()}
    assert {check["alertname"] for check in checks if not check["exp_alerts"]} == {
        rule["alert"] for rule in alerts() if rule["labels"]["severity"] != "watchdog"}


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_an_alert_says_what_is_the_matter_and_where_to_read_on(rule):
    assert rule["labels"]["severity"] in ("page", "ticket", "watchdog") and "for" in rule
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"} and all(rule["annotations"].values())
    section = anchor(section_of_alert(rule["labels"], rule["alert"]))
    assert rule["annotations"]["runbook_url"] == "{{ $externalLabels.runbook }}docs/RUNBOOK.md#" + section


def test_the_objectives_are_measured_by_the_very_rules():
    """docs/SLO.md shows the expressions, and each alert that it names is one."""
    text = (CHECKOUT / "docs/SLO.md").read_text()
    shown = [" ".join(block.split()) for block in re.findall(r"```promql\n(.*?)```", text, re.DOTALL)]
    assert len(shown) >= 8 and [block for block in shown
                                if block not in {" ".join(rule["expr"].split()) for rule in rules()}] == []
    named = set(re.findall(r"`([A-Z]\w+)`", text))
    assert named and named <= {rule["alert"] for rule in alerts()}


def routes_with(text):
    """The routes of a pattern that lists them."""
    return set(text.split("|"))


def test_the_routes_with_a_model_are_those_of_the_program(document):
    """Those that can fail because of it answer 502;
    those that can be slow because of it also are the readers of a thread's summary."""
    failing = {pattern for (_, pattern), operation in document.operations.items() if "502" in operation["responses"]}
    without = [re.search(r'route!~"/healthz\|/readyz\|/metrics\|([^"]+)"', rule["expr"])
               for rule in rules() if rule.get("record", "").startswith("service:http_")]
    assert [routes_with(found[1]) for found in without if found] == [failing] * 4
    slow = failing | {"/posts/{id}/thread", "/b/{id}"}
    measured = [rule["expr"] for rule in rules() if rule.get("record") == "route:http_request_duration_seconds:p95_5m"]
    assert [routes_with(re.search(r'route[!=]~"(?:/healthz\|/readyz\|/metrics\|)?([^"]+)"', expression)[1])
            for expression in measured] == [slow, slow]


@pytest.mark.parametrize("given, hurried", [
    ("rate(x[5m]) > 300", "rate(x[5000ms]) > 300"),
    ("rate(x[1m]) / avg_over_time(y[1h])", "rate(x[2000ms]) / avg_over_time(y[60000ms])")])
def test_what_is_hurried(given, hurried):
    assert hurry(given, 60) == hurried


def test_an_api_that_is_gone_pages_once_and_no_more_when_it_is_back(database, worker, start):
    api = start(Api)
    with Prometheus(api=[api.port], worker=[worker.port]) as prometheus:
        eventually(lambda: prometheus.targets_up() == {"backend": 1, "worker": 1})
        api.kill()
        eventually(lambda: prometheus.pages() == {"ApiDown"}, within=60)
        start(Api, PORT=api.port)
        eventually(lambda: prometheus.pages() == set(), within=60)
        assert prometheus.pages_so_far() == {"ApiDown"}, prometheus.story()
