"""deploy/alertmanager/: who is called, and that nobody is until somebody says who."""
import re

import pytest
import yaml

from support.program import CHECKOUT
from support.prometheus import PROMETHEUS, alerts

FILE = CHECKOUT / "deploy/alertmanager/alertmanager.yml"
CONFIGURATION = yaml.safe_load(FILE.read_text())
SERVICES = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"]
ROUTES = CONFIGURATION["route"]["routes"]
RECEIVERS = {receiver["name"]: receiver for receiver in CONFIGURATION["receivers"]}


def receiver_of(severity):
    """The first route that it matches."""
    return next((route["receiver"] for route in ROUTES if route["matchers"] == [f'severity="{severity}"']),
                CONFIGURATION["route"]["receiver"])


@pytest.mark.parametrize("severity, receiver", [("page", "pages"), ("ticket", "tickets"), ("watchdog", "watchdog"),
                                                ("any other", "nobody")])
def test_each_severity_has_a_receiver(severity, receiver):
    assert receiver_of(severity) == receiver and receiver in RECEIVERS


def test_every_alert_goes_somewhere():
    assert {receiver_of(rule["labels"]["severity"]) for rule in alerts()} == {"pages", "tickets", "watchdog"}


def test_as_it_comes_nobody_is_called_and_it_says_so():
    assert all(set(receiver) == {"name"} for receiver in RECEIVERS.values())
    assert re.search(r"As it stands: nobody\.", FILE.read_text())
    assert "as it stands each of them calls nobody" in " ".join((CHECKOUT / "docs/RUNBOOK.md").read_text().split())


def test_the_examples_in_it_are_yaml_that_a_receiver_takes():
    """They are comments; without their marks they are a list of one receiver."""
    lines = FILE.read_text().split("\n\n")[0].splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("#   - name:"))
    block = []
    for line in lines[begin:]:
        if not line.startswith("#   "):
            break
        block.append(line[2:])
    (example,) = yaml.safe_load("\n".join(block))
    assert example["name"] in RECEIVERS and {"webhook_configs", "email_configs"} <= example.keys()
    secrets = re.findall(r"/etc/alertmanager/(secrets/)\w+", "\n".join(block))
    assert len(secrets) == 3 and f"/deploy/alertmanager/{secrets[0]}" in (CHECKOUT / ".gitignore").read_text()


def test_prometheus_sends_to_the_alertmanager_of_compose():
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    (manager,) = configuration["alerting"]["alertmanagers"]
    assert manager["static_configs"] == [{"targets": ["alertmanager:9093"]}]
    assert SERVICES["alertmanager"]["ports"] == ["127.0.0.1:9093:9093"]
    assert "--config.file=/etc/alertmanager/alertmanager.yml" in SERVICES["alertmanager"]["command"]
    assert "./deploy/alertmanager:/etc/alertmanager:ro" in SERVICES["alertmanager"]["volumes"]


def test_one_setting_makes_full_links():
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    assert configuration["global"]["external_labels"] == {"runbook": "${RUNBOOK_BASE}"}
    prometheus = SERVICES["prometheus"]
    assert prometheus["environment"] == {"RUNBOOK_BASE": "${RUNBOOK_BASE:-}"}
    assert "--enable-feature=expand-external-labels" in prometheus["command"]
