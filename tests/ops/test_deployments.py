"""The commands of a finding are those of the deployment where they are asked for."""
import json
import re
import subprocess

import pytest

from support.ports import free_port
from support.program import CHECKOUT, run
from support.runbook import DEPLOYMENTS, acts, commands_of_check, modes

OF_A_DEPLOYMENT = re.compile(r"\b(docker|systemctl|journalctl|kubectl|pkill)\b")
CHECKS = {check["id"]: check for mode in modes() for check in mode["check"]}


def functions(*flags, **where):
    done = run("runbook", *flags, **where)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout


def deployment_found(**where):
    return re.match(r"# (\w+): ", functions(**where))[1]


def test_each_act_is_there_for_each_deployment_and_nothing_else_is_of_one():
    for name, act in acts().items():
        assert set(act) == {"does", *DEPLOYMENTS} and all(act.values()), name
    for check in CHECKS.values():
        assert [command for command in check["commands"] if OF_A_DEPLOYMENT.search(command)] == [], check["id"]
    spoken = [path for path in (CHECKOUT / "backend/src").rglob("*.[ch]") if "docker compose" in path.read_text()]
    assert [path.name for path in spoken] == ["checkup.h"]  # an example in a comment


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_triage_and_doctor_print_those_that_as_names(deployment):
    nowhere = f"postgres://postgres@127.0.0.1:{free_port()}/x"
    seen = json.loads(run("triage", "--json", "--sample", "50ms", "--as", deployment,
                          "--api", f"http://127.0.0.1:{free_port()}", "--worker", f"http://127.0.0.1:{free_port()}",
                          DATABASE_URL=nowhere).stdout)
    assert len(seen["findings"]) == 3
    for one in seen["findings"]:
        wanted = [command for command in commands_of_check(CHECKS[one["id"]], deployment) if "{" not in command]
        assert wanted and set(wanted) <= set(one["commands"]), one
    said = run("doctor", "database", "--as", deployment, DATABASE_URL=nowhere).stdout
    assert f"start Postgres (`{acts()['start_postgres'][deployment]}`)" in " ".join(said.split())


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_the_short_names_are_functions_of_a_shell(deployment):
    shell = subprocess.run(["bash", "-c", functions("--as", deployment) + "declare -F"], capture_output=True, text=True,
                           check=True)
    assert {line.split()[-1] for line in shell.stdout.splitlines()} == set(acts()) and shell.stderr == ""


def test_where_one_stands_is_found(tmp_path):
    (tmp_path / "compose.yaml").touch()
    assert deployment_found(cwd=tmp_path) == "compose"
    assert deployment_found(cwd=tmp_path, KUBERNETES_SERVICE_HOST="10.0.0.1") == "kubernetes"


@pytest.mark.parametrize("command", ["triage", "doctor", "runbook"])
def test_a_deployment_that_nobody_knows_is_exit_3(command):
    done = run(command, "--as", "nomad")
    assert done.returncode == 3 and "--as must be compose, systemd, kubernetes or up" in done.stderr
    assert done.stdout == ""
