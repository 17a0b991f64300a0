"""The objectives are one table, backend/src/ops/shared/objectives.h;
the promise and the alerts are held against it."""
import re

import pytest

from support.program import CHECKOUT

HEADER = CHECKOUT / "backend/src/ops/shared/objectives.h"
TABLE = {name: float(value)
         for name, value in re.findall(r"^#define (OBJECTIVE_\w+) ([\d.]+)", HEADER.read_text(), re.M)}
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
    found = re.findall(ALERTS[name], (CHECKOUT / "deploy/prometheus/rules.yml").read_text())
    assert found and {float(value) for value in found} == {TABLE[name]}


@pytest.mark.parametrize("source", ["triage/screen.c", "triage/judge.h", "verify/items.c"])
def test_no_objective_is_written_out_again(source):
    text = (CHECKOUT / "backend/src/ops" / source).read_text()
    assert not re.findall(r"(?<![\d.])(?:0\.75|8\.0|0\.985|0\.015|0\.999|0\.001)(?!\d)", text)
