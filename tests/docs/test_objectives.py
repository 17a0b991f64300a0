"""The objectives are one table, backend/src/ops/shared/objectives.h;
the promise and the alerts are held against it."""
import re

import pytest

from support.program import CHECKOUT

HEADER = CHECKOUT / "backend/src/ops/shared/objectives.h"
RULES = (CHECKOUT / "deploy/prometheus/rules.yml").read_text()
DASHBOARD = (CHECKOUT / "deploy/grafana/dashboard.py").read_text()
FIGURES = {name: float(value) for name, value in re.findall(r"^#define (\w+) ([\d.]+)", HEADER.read_text(), re.M)}
TABLE = {name: value for name, value in FIGURES.items() if name.startswith("OBJECTIVE_")}
ERROR_BUDGET = 1 - TABLE["OBJECTIVE_AVAILABILITY"]
PROMISES = {
    "OBJECTIVE_AVAILABILITY": ("availability", r"([\d.]+) % of requests", 100),
    "OBJECTIVE_LATENCY_S": ("latency", r"p95 below (\d+) ms", 1000),
    "OBJECTIVE_MODEL_LATENCY_S": ("latency with a model", r"p95 below (\d+) s", 1),
    "OBJECTIVE_JOBS_DONE": ("jobs", r"([\d.]+) % of the jobs", 100),
}
ALERTS = {
    "OBJECTIVE_LATENCY_S": r'p95_5m\{model="no"\} > ([\d.]+)',
    "OBJECTIVE_MODEL_LATENCY_S": r'p95_5m\{model="yes"\} > ([\d.]+)',
    "OBJECTIVE_JOBS_DONE": r"service:jobs_failed:ratio1d > 1 - ([\d.]+)",
}


def test_the_table_is_whole():
    assert TABLE.keys() == PROMISES.keys()


@pytest.mark.parametrize("name", PROMISES)
def test_what_is_promised_is_what_triage_and_verify_judge_by(name):
    objective, pattern, unit = PROMISES[name]
    row = re.search(rf"^\| {objective} \| .*", (CHECKOUT / "docs/SLO.md").read_text(), re.M)[0]
    assert float(re.search(pattern, row)[1]) == pytest.approx(TABLE[name] * unit)


@pytest.mark.parametrize("name", ALERTS)
def test_the_alerts_have_the_same_objective(name):
    found = re.findall(ALERTS[name], RULES)
    assert found and {float(value) for value in found} == {TABLE[name]}


def burn_rates():
    """Of each condition on a share of errors: how many times the error budget it is, and that budget."""
    conditions = re.findall(r"service:http_errors:ratio\w+ > (.+?)(?: and |\)|$)", RULES, re.M)
    return [tuple(map(float, condition.split(" * "))) for condition in conditions]


def test_the_alerts_on_errors_have_the_budget_that_availability_leaves():
    assert [budget for _, budget in burn_rates()] == [pytest.approx(ERROR_BUDGET)] * 6


def test_a_route_is_in_trouble_for_triage_before_its_errors_page_at_once():
    rates = {rate for rate, _ in burn_rates()}
    assert FIGURES["ERROR_SHARE"] == pytest.approx(10 * ERROR_BUDGET)
    assert sorted(rates)[-2] < FIGURES["ERROR_SHARE"] / ERROR_BUDGET < max(rates)


def test_errors_are_trouble_from_the_same_number_on():
    found = re.findall(r"service:http_errors:rate5m \* 300 >= (\d+)", RULES)
    assert found and {float(number) for number in found} == {FIGURES["ERRORS_AT_LEAST"]}


def test_the_dashboard_measures_by_the_same_availability():
    assert [float(budget) for budget in re.findall(r"/ (0\.\d+)", DASHBOARD)] == [pytest.approx(ERROR_BUDGET)] * 2
    assert re.findall(r'"below": (0\.99\d*)', DASHBOARD) == [str(TABLE["OBJECTIVE_AVAILABILITY"])]


@pytest.mark.parametrize("source", ["triage/screen.c", "triage/judge.h", "verify/items.c"])
def test_no_objective_is_written_out_again(source):
    text = (CHECKOUT / "backend/src/ops" / source).read_text()
    assert not re.findall(r"(?<![\d.])(?:0\.75|8\.0|0\.985|0\.015|0\.999|0\.001)(?!\d)", text)
