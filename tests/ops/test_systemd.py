"""The units of deploy/systemd: how much they leave to a service that was taken over."""
import re
import subprocess

import pytest

from support.defaults import longest_stop, seconds
from support.program import CHECKOUT

FOLDER = CHECKOUT / "deploy/systemd"
UNITS = {path.stem.removeprefix("personaworlds-"): path for path in sorted(FOLDER.glob("*.service"))}
EXPOSURE_MAX = 1.5


def settings_of(unit):
    return re.findall(r"^(\w+)=(.*)$", UNITS[unit].read_text(), re.MULTILINE)


def value(unit, name):
    return dict(settings_of(unit))[name]


def sandbox_of(unit):
    text = UNITS[unit].read_text()
    return text[text.index("AmbientCapabilities="):].partition("[Install]")[0].strip()


def test_the_units_are_those_that_the_runbook_names():
    assert set(UNITS) == {"api", "worker", "migrate"}
    for name, path in UNITS.items():
        assert value(name, "ExecStart") == f"/usr/bin/personaworlds {name}" and path.read_text().startswith("# ")


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_calls_a_unit_hardly_exposed(unit):
    looked = subprocess.run(["systemd-analyze", "security", "--offline=true", UNITS[unit]], capture_output=True,
                            text=True, check=True)
    score = float(re.search(r"exposure level for \S+: ([\d.]+)", looked.stdout)[1])
    assert score <= EXPOSURE_MAX, looked.stdout


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_a_unit(unit, tmp_path):
    """With a program that is there, as here it isn't installed."""
    for path in UNITS.values():
        (tmp_path / path.name).write_text(path.read_text().replace("/usr/bin/personaworlds", "/bin/true"))
    looked = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / UNITS[unit].name],
                            capture_output=True, text=True)
    assert [line for line in looked.stderr.splitlines() if "personaworlds" in line] == []


def test_all_units_have_the_same_sandbox():
    assert len({sandbox_of(unit) for unit in UNITS}) == 1


def test_a_stop_waits_as_long_as_the_program_may_take():
    assert all(seconds(value(service, "TimeoutStopSec")) >= longest_stop(service) for service in ("api", "worker"))
