"""Commands find the stack that `up` runs in the same folder, with nothing set. What is set wins."""
import json
import pathlib
import re
import socket
import subprocess

import pytest

from ops.test_up import Up, folder  # noqa: F401, the fixture
from support.ports import free_port
from support.program import CHECKOUT, JWT_SECRET, Api, Worker, binary, environment, run
from support.roles import as_role
from support.waiting import eventually

FOUND = "asks the stack that `personaworlds up` runs in this folder"


def commands_of_the_runbook():
    """Those of its table of commands, with a short look where one takes long."""
    rows = re.findall(r"^\| `personaworlds ([^`]+)` \|", (CHECKOUT / "docs/RUNBOOK.md").read_text(), re.MULTILINE)
    assert {row.split()[0] for row in rows} >= {"triage", "doctor", "verify", "queue", "settings", "block", "digest",
                                                "migrate", "seed", "admin", "roles", "healthcheck"}
    short = {"verify": ("--for", "1s"), "triage": ("--sample", "300ms")}
    return [(*row.split(), *short.get(row, ())) for row in rows]


def in_shell(folder, command):
    """Of the runbook, with the functions that `personaworlds runbook` prints."""
    settings = environment()
    settings["PATH"] = f"{pathlib.Path(binary()).parent}:{settings['PATH']}"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", f'eval "$(personaworlds runbook)"\n{command}'], cwd=folder,
                          env=settings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    return done.stdout


def short_names_work(folder, up):
    """Under `up`: its logs are read, and its services are started anew."""
    assert "up_ready" in in_shell(folder, "logs | jq -rR 'fromjson? | .msg'")
    assert "api_listening" in in_shell(folder, "logs_api | jq -rR 'fromjson? | .msg'")
    assert "worker_started" in in_shell(folder, "logs_worker | jq -rR 'fromjson? | .msg'")
    assert "database system is ready" in in_shell(folder, "logs_postgres")
    for kind in ("api", "worker"):
        for act in ("restart", "start"):
            before = in_shell(folder, "state")
            in_shell(folder, f"{act}_{kind}")
            eventually(lambda: (after := in_shell(folder, "state")) != before and after.count(f" {kind}\n") == 1
                       and up.is_ready(), within=20)


def stack_of(folder):
    return folder / ".personaworlds/stack.json"


@pytest.mark.timeout(180)
def test_a_newcomers_commands_find_the_stack_of_their_folder(folder):
    with Up(folder, "--demo", RATE_LIMIT_PUBLIC_READ="77/1m") as up:
        eventually(up.is_ready, within=60)
        assert stack_of(folder).stat().st_mode & 0o777 == 0o600
        assert json.loads(stack_of(folder).read_text())["pid"] == up.process.pid

        seen = run("triage", "--json", "--sample", "1s", cwd=folder)
        assert seen.returncode == 0 and f"process {up.process.pid}" in seen.stderr, seen
        assert not [check for check in json.loads(seen.stdout)["checks"] if check["status"] == "finding"]
        for command in commands_of_the_runbook():
            done = run(*command, cwd=folder)
            assert done.returncode == 0, done
            assert (FOUND in done.stderr) == (command[0] != "runbook"), done
        assert "settings of the stack that" in run("triage", "--sample", "50ms", cwd=folder).stdout
        short_names_work(folder, up)
        ports = run("doctor", "ports", cwd=folder).stdout
        assert (f"PORT {up.port}: a personaworlds API listens there" in ports
                and f"{up.worker_port}: a personaworlds worker" in ports)

        run("settings", "set", "rate_limit.public_read", "30/1m", cwd=folder)
        listed = run("settings", "list", cwd=folder, RATE_LIMIT_PUBLIC_READ="99/1m").stdout
        assert "77/1m" in listed and "99/1m" not in listed, listed
        assert "OTHERWISE (by the stack that `personaworlds up` runs here)" in listed
        assert FOUND not in run("queue", "--help", cwd=folder).stderr
        up.stop()
    assert not stack_of(folder).exists()


@pytest.mark.timeout(120)
def test_another_database_is_another_stack(folder, empty):
    """Then nothing of the folder's is used, the ports neither."""
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        done = run("queue", "status", cwd=folder, DATABASE_URL=empty.url)
        assert FOUND not in done.stderr and done.returncode != 0
        port = free_port()
        seen = run("triage", "--json", "--sample", "50ms", cwd=folder, PORT=port)
        checks = {check["id"]: check for check in json.loads(seen.stdout)["checks"]}
        assert f"localhost:{port}" in checks["api_down"]["evidence"] and checks["worker_down"]["status"] == "ok"
        up.stop()


@pytest.mark.timeout(120)
def test_what_a_killed_up_left_is_no_stack(folder):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        up.kill_all()
        eventually(lambda: not up.processes())
        assert stack_of(folder).exists()
        assert FOUND not in run("queue", "status", cwd=folder, DATABASE_URL="").stderr
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        assert json.loads(stack_of(folder).read_text())["pid"] == up.process.pid
        up.stop()


def test_a_stack_file_that_others_may_write_is_not_trusted(folder):
    with Up(folder) as up:
        eventually(up.is_ready, within=60)
        stack_of(folder).chmod(0o620)
        assert FOUND not in run("queue", "status", cwd=folder, DATABASE_URL="").stderr
        up.stop()


def test_a_taken_port_leaves_no_folder_behind(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("up", cwd=folder, PORT=taken.getsockname()[1], WORKER_OBSERVABILITY_PORT=free_port())
    assert done.returncode == 1 and "is another instance running?" in done.stderr
    assert not (folder / ".personaworlds").exists()


@pytest.mark.parametrize("command", [("triage", "--json", "--sample", "50ms"),
                                     ("verify", "--for", "1s", "--every", "1s")], ids=lambda command: command[0])
def test_the_ports_of_the_environment_are_looked_at(folder, api, database, command):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        done = run(*command, cwd=folder, DATABASE_URL=database.url, PORT=api.port, WORKER_OBSERVABILITY_PORT=port)
    looked_at = f"http://localhost:{port}"
    assert looked_at in done.stdout and "localhost:8080" not in done.stdout and "localhost:9091" not in done.stdout
    if command[0] == "verify":
        assert "readyz          holds   200" in done.stdout
    else:
        assert [check["status"] for check in json.loads(done.stdout)["checks"]
                if check["id"] in ("api_down", "api_not_ready")] == ["ok", "ok"]


def test_a_ready_api_proves_that_its_database_answers(folder, api):
    seen = json.loads(run("triage", "--json", "--sample", "50ms", "--worker", f"http://127.0.0.1:{free_port()}",
                          cwd=folder, PORT=api.port,
                          DATABASE_URL=f"postgres://postgres@127.0.0.1:{free_port()}/x").stdout)
    found = [finding["check"] if "check" in finding else finding["id"] for finding in seen["findings"]]
    assert found == ["worker_down", "database_elsewhere"], "and Postgres isn't said to be away"


@pytest.mark.parametrize("stand", ["plain processes", "an environment file", "compose's variables"])
def test_every_command_of_the_runbook_works_where_one_stands(tmp_path, own_database, stand):
    """A file as systemd and compose read it: comments, quotes, `export`. Compose gives each service its own role."""
    with Api(as_role(own_database.url, "api")) as api, Worker(as_role(own_database.url, "worker")) as worker:
        settings = {"DATABASE_URL": as_role(own_database.url, "ops"), "DATABASE_OWNER_URL": own_database.url,
                    "PORT": api.port, "WORKER_OBSERVABILITY_PORT": worker.port, "JWT_SECRET": JWT_SECRET}
        flags = []
        if stand == "an environment file":
            lines = [f"export {name}='{value}'" if name == "PORT" else f'{name}="{value}"' if name == "JWT_SECRET" else
                     f"{name}={value} # why" for name, value in settings.items()]
            (tmp_path / "service.env").write_text("# of both\n; and\n\nNO_SETTING=1\n" + "\n".join(lines) + "\n")
            settings, flags = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/x"}, ["--env-file", "service.env"]
        elif stand == "compose's variables":
            settings |= {"APP_ENV": "dev", "AUTO_MIGRATE": "0", "REDIS_URL": "", "LISTEN_ADDRESS": "::",
                         "POSTGRES_PASSWORD": ""}
        for command in commands_of_the_runbook():
            done = run(*command, *flags, cwd=tmp_path, **settings)
            assert done.returncode in ((0, 2) if command[0] == "doctor" else (0,)), done
            assert (("settings come from service.env" in done.stderr) == bool(flags)), done
        seen = run("triage", "--sample", "50ms", *flags, cwd=tmp_path, **settings).stdout
        assert ("settings of service.env" if flags else "settings of this shell") in seen


def test_a_file_of_settings_that_is_not_there_is_an_error(tmp_path):
    done = run("doctor", "--env-file", "none.env", cwd=tmp_path)
    assert done.returncode == 3 and "while reading none.env: No such file" in done.stderr
    assert run("doctor", "--env-file", cwd=tmp_path).returncode == 3


def test_of_several_files_the_last_one_that_has_a_setting_wins(tmp_path):
    (tmp_path / "common.env").write_text("PORT=1\nAPI_THREADS=nobody\n")
    (tmp_path / "own.env").write_text("API_THREADS=2\n")
    both = run("doctor", "settings", "--env-file", "common.env", "--env-file=own.env", cwd=tmp_path)
    assert both.returncode == 0 and "2 of them set by own.env" in " ".join(both.stdout.split()), both
    other = run("doctor", "settings", "--env-file", "own.env", "--env-file", "common.env", cwd=tmp_path)
    assert other.returncode == 1 and "API_THREADS" in other.stdout, other
    assert run("doctor", "--env-file", "own.env", "--env-file", "none.env", cwd=tmp_path).returncode == 3


def test_doctor_says_what_a_file_beside_it_has_and_whose_provider_it_speaks_of(tmp_path, api):
    (tmp_path / ".env").write_text("JWT_SECRET=abc\nLLM_PROVIDER=openai\nPOSTGRES_PASSWORD=x\n")
    said = " ".join(run("doctor", "settings", cwd=tmp_path, JWT_SECRET="").stdout.split())
    assert "settings from this shell:" in said and "./.env has 2 that aren't" in said and "--env-file .env" in said
    assert "aren't" not in run("doctor", "settings", "--env-file", ".env", cwd=tmp_path).stdout
    said = run("doctor", "provider", cwd=tmp_path, PORT=api.port, LLM_PROVIDER="")
    assert said.returncode == 2 and "this shell has no LLM_PROVIDER" in said.stdout, said
    assert run("doctor", "provider", cwd=tmp_path, PORT=api.port, LLM_PROVIDER="mock").returncode == 0
    assert run("doctor", "provider", cwd=tmp_path, PORT=free_port(), LLM_PROVIDER="").returncode == 0


def test_settings_list_says_whose_values_it_compares_with(tmp_path, own_database):
    for source, flags in (("this shell", ()), ("some.env", ("--env-file", "some.env"))):
        (tmp_path / "some.env").write_text(f"DATABASE_URL={own_database.url}\nRATE_LIMIT_AUTH=9/1m\n")
        run("settings", "set", "rate_limit.auth", "3/1m", DATABASE_URL=own_database.url)
        listed = run("settings", "list", *flags, cwd=tmp_path, DATABASE_URL=own_database.url).stdout
        assert f"OTHERWISE (by {source})" in listed and ("9/1m" in listed) == bool(flags), listed


@pytest.mark.parametrize("words, code", [((), 0), (("api",), 0), (("api", "--ready"), 0), (("worker",), 1),
                                         (("x",), 3)], ids=str)
def test_healthcheck_asks_what_runs_here(tmp_path, api, words, code):
    done = run("healthcheck", *words, cwd=tmp_path, PORT=api.port, WORKER_OBSERVABILITY_PORT=free_port())
    assert done.returncode == code, done


def test_healthcheck_tells_who_lives_from_who_can_work(tmp_path):
    away = Api(f"postgres://nobody@127.0.0.1:{free_port()}/none?sslmode=disable").launch()
    try:
        eventually(lambda: away.log.find("not_ready"))
        codes = [run("healthcheck", *flags, cwd=tmp_path, PORT=away.port,
                     WORKER_OBSERVABILITY_PORT=free_port()).returncode for flags in ([], ["--ready"])]
        assert codes == [0, 1]
        away.expect_errors("not_ready")
    finally:
        away.stop()


def test_verify_chooses_how_often_it_looks(tmp_path, api, database):
    with Worker(database.url) as worker:
        done = run("verify", "--for", "3s", cwd=tmp_path, DATABASE_URL=database.url, PORT=api.port,
                   WORKER_OBSERVABILITY_PORT=worker.port)
    assert done.returncode == 0, done
