"""The units of deploy/systemd: how much they leave to a service that was taken over, and that the
program works with what is left."""
import re
import subprocess

import pytest

from support import sandbox
from support.defaults import longest_stop, seconds
from support.people import new_room, sign_up
from support.program import CHECKOUT, Api, Worker, release_binary
from support.waiting import eventually

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


def test_the_services_work_with_what_their_units_allow(own_database):
    """Signing up hashes a password, a card loads fonts and libraries, the worker writes a reply."""
    services = [Api(own_database.url, program=release_binary()), Worker(own_database.url, program=release_binary())]
    for service in services:
        service.under = sandbox.under(UNITS[service.subcommand])
    with services[0] as api, services[1]:
        user = sign_up(api)
        author, other = user.persona(), user.persona()
        post = user.publish(author, new_room(own_database))
        user.ask_for_replies(post, other)
        eventually(lambda: own_database.count("replies", post_id=post.id) == 1)
        battle = user.post(f"/rooms/{user.room('go-backend').id}/battles", json={"topic": "هل هذا صحيح؟"}).json()
        card = api.client.get(f"/b/{battle['battle_id']}/card.png")
        assert card.status_code == 200 and card.content.startswith(b"\x89PNG")


def test_what_a_unit_forbids_is_refused():
    """Else the test above would show nothing."""
    write = sandbox.under(UNITS["api"]) + ["/usr/bin/touch", "/var/tmp/personaworlds-sandbox"]
    assert "Read-only file system" in subprocess.run(write, capture_output=True, text=True).stderr
    nice = sandbox.under(UNITS["api"]) + ["/usr/bin/nice", "-n", "5", "/bin/true"]
    assert "Operation not permitted" in subprocess.run(nice, capture_output=True, text=True).stderr
