"""compose.yaml and the Dockerfile against the program, its libraries and script/bootstrap:
what can be told without a Docker that runs them."""
import pathlib
import platform
import re
import subprocess
import sys

import pytest
import yaml

from support.defaults import default, longest_stop, seconds
from support.libraries import libraries, packages_of
from support.program import CHECKOUT, run

COMPOSE = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = ["backend", "worker"]
MORE = {"backend-2": "backend", "workers-2-3": "worker"}  # of the profile `scale`, and what they are more of
ONCE = ["roles", "migrate"]  # before those, at each start
ROLES = {"backend": "api", "worker": "worker", "ops": "ops"}
PASSWORDS = {"POSTGRES_PASSWORD", "OWNER_PASSWORD", "API_PASSWORD", "WORKER_PASSWORD", "OPS_PASSWORD"}
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
IMAGE_DEBIAN = "12"
BUILD, RUNTIME = DOCKERFILE.split("\nFROM $BASE\n")
TOOLS = {"ca-certificates", "fontconfig"}  # for TLS, and the fonts' cache
EXTRA_IN_BUILD = {"git", "nodejs", "npm"}  # the commit that --version names; what bootstrap may find as another Node
ONLY_TO_RUN_HERE = {"postgresql", "ca-certificates", "curl", "jq"}  # of bootstrap's packages


def packages(stage):
    listed = re.findall(r"--no-install-recommends \\\n(.*?)\n\s+&&", stage, re.DOTALL)
    return set(" ".join(listed).replace("\\", "").split())


def bootstrap_packages():
    (listed,) = re.findall(r"^packages=\((.*?)^\)", (CHECKOUT / "script/bootstrap").read_text(),
                           re.DOTALL | re.MULTILINE)
    return set(re.sub(r"#.*", "", listed).split())


def named_as_here(packages):
    """As they are where this machine has the image's Debian. Other releases have other versions in
    the names (libuv1, libuv1t64), so there names go without."""
    if platform.freedesktop_os_release().get("VERSION_ID") == IMAGE_DEBIAN:
        return packages
    return {re.sub(r"[\d.-]+(t64)?$", "", package) for package in packages}


def judged_by_composes_schema(path):
    return subprocess.run([pathlib.Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema",
                           "vendor.compose-spec", path], capture_output=True, text=True)


def test_compose_understands_it(tmp_path):
    judged = judged_by_composes_schema(CHECKOUT / "compose.yaml")
    assert judged.returncode == 0, judged.stdout
    (tmp_path / "compose.yaml").write_text((CHECKOUT / "compose.yaml").read_text().replace("mem_limit", "memlimit"))
    judged = judged_by_composes_schema(tmp_path / "compose.yaml")
    assert judged.returncode == 1 and "'memlimit' was unexpected" in judged.stdout


def test_the_runbooks_services_are_there_on_its_ports():
    assert {"postgres", *OURS, *ONCE} == {name for name, service in SERVICES.items() if not service.get("profiles")}
    assert SERVICES["backend"]["ports"] == [f"127.0.0.1:{default('PORT')}:{default('PORT')}"]
    (worker,) = SERVICES["worker"]["ports"]
    first, last, inside = map(int, re.fullmatch(r"127\.0\.0\.1:(\d+)-(\d+):(\d+)", worker).groups())
    assert first == inside == int(
        default("WORKER_OBSERVABILITY_PORT")) and last - first + 1 >= 3, "three replicas need three ports"


def test_profiles_have_what_they_are_for():
    assert {name: service["profiles"] for name, service in SERVICES.items() if service.get("profiles")} == {
        "redis": ["redis"], "ops": ["ops"], "prometheus": ["observability"], "grafana": ["observability"],
        "alertmanager": ["observability"], **{name: ["scale"] for name in (*MORE, "haproxy")}}


def test_the_profile_scale_has_two_apis_behind_haproxy_and_three_workers():
    for name, like in MORE.items():
        apart = {"profiles", "ports", "deploy"}  # one port of the machine is for one container
        assert SERVICES[name]["ports"] == []
        assert {key: value for key, value in SERVICES[name].items() if key not in apart} == {
            key: value for key, value in SERVICES[like].items() if key not in apart}
    assert SERVICES["workers-2-3"]["deploy"] == {"replicas": 2}
    haproxy = SERVICES["haproxy"]
    assert haproxy["environment"] == {"API_1": f"backend:{default('PORT')}", "API_2": f"backend-2:{default('PORT')}"}
    assert set(haproxy["depends_on"]) == {"backend", "backend-2"}
    (mounted,) = haproxy["volumes"]
    here, there, _ = mounted.split(":")
    file = pathlib.PurePath(haproxy["command"][-1])
    assert str(file.parent) == there and (CHECKOUT / here / file.name).exists()
    assert {SERVICES[name]["environment"]["TRUSTED_PROXIES"] for name in OURS} == {"${TRUSTED_PROXIES:-}"}, (
        "or all clients are one to the APIs")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_as_little_as_it_needs(name):
    service = SERVICES[name]
    once = name in (*ONCE, "ops")
    assert service["restart"] == ("no" if once else "unless-stopped") and service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0] not in ("", "0", "root")
    assert once or (service["healthcheck"]["test"][0] == "CMD"
                    and {"interval", "timeout", "retries", "start_period"} <= service["healthcheck"].keys())
    assert not {"privileged", "cap_add", "pid", "network_mode"} & service.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_takes_no_more_than_its_share(name):
    """Docker's own log driver keeps everything, and without a limit one process may take all memory."""
    service = SERVICES[name]
    assert service["logging"]["driver"] == "local" and {"max-size", "max-file"} <= service["logging"]["options"].keys()
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"]) and 0 < service["pids_limit"] <= 256


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_asked_by_the_program_itself(name):
    """The image has nothing else that could ask."""
    _, program, *words = SERVICES[name]["healthcheck"]["test"]
    assert (program, *words[:2]) == ("personaworlds", "healthcheck", ROLES[name])
    assert run(*words, PORT=1, WORKER_OBSERVABILITY_PORT=1).returncode == 1  # nobody is there, and it understands


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_published_is_for_this_machine_alone(name):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_inside_of_its_container_the_program_is_reached():
    """Outside prod it would listen on the container's loopback alone."""
    assert "\nENV LISTEN_ADDRESS=::\n" in RUNTIME
    assert {SERVICES[name]["environment"]["LISTEN_ADDRESS"] for name in OURS} == {"::"}


def test_prometheus_has_the_services_token():
    """The file that its scrapes read is the one that compose.yaml makes of METRICS_TOKEN."""
    jobs = yaml.safe_load((CHECKOUT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    assert {job["job_name"] for job in jobs} == set(OURS)
    (mounted,) = SERVICES["prometheus"]["configs"]
    assert {job["authorization"]["credentials_file"] for job in jobs} == {mounted["target"]}
    assert "${METRICS_TOKEN:-" in COMPOSE["configs"][mounted["source"]]["content"]


def test_images_have_versions():
    """Ours the release's, so that the one before is there to go back to."""
    assert all(":" in service["image"] for service in SERVICES.values())
    _, version, _ = run("--version").stdout.split(maxsplit=2)
    assert {SERVICES[name]["image"] for name in (*OURS, *ONCE, "ops")} == {
        f"personaworlds:${{PERSONAWORLDS_VERSION:-{version}}}"}
    assert f'org.opencontainers.image.version="{version}"' in RUNTIME


def test_the_base_of_the_image_can_be_pinned():
    assert f"\nARG BASE=debian:{IMAGE_DEBIAN}-slim\n" in BUILD and re.findall("FROM (.*)", DOCKERFILE) == [
        "$BASE AS build", "$BASE"]
    for name in (*OURS, *ONCE, "ops"):
        assert SERVICES[name]["build"]["args"] == {"BASE": f"${{BASE_IMAGE:-debian:{IMAGE_DEBIAN}-slim}}"}


def test_a_stop_waits_as_long_as_the_program_may_take():
    assert all(seconds(SERVICES[name]["stop_grace_period"]) >= longest_stop(ROLES[name]) for name in OURS)


def test_no_secret_stands_in_it():
    """Secrets come from `.env`; the one default is for a database that only this machine
    reaches."""
    for name in OURS:
        environment = SERVICES[name]["environment"]
        assert not {"JWT_SECRET", "METRICS_TOKEN", "OPENAI_API_KEY", "ADMIN_EMAILS"} & environment.keys()
        assert environment["APP_ENV"] == "${APP_ENV:-dev}"
        assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-postgres}"
    assert "/.env" in (CHECKOUT / ".gitignore").read_text().splitlines()


def test_settings_in_it_are_the_programs():
    known = set(re.findall(r"^\| `(\w+)`", run("config").stdout, re.MULTILINE))
    assert {setting for name in (*OURS, *ONCE, "ops") for setting in SERVICES[name]["environment"]} <= known | PASSWORDS


def login(url):
    """(user, the variable of its password) of a URL in compose.yaml."""
    return re.match(r"postgres://(\w+):\$\{(\w+):-\w+\}@postgres:5432/personaworlds\?sslmode=disable$", url).groups()


def test_each_service_logs_in_as_its_role_and_knows_no_other_password():
    for name, role in ROLES.items():
        environment = SERVICES[name]["environment"]
        assert login(environment["DATABASE_URL"]) == (f"personaworlds_{role}", f"{role.upper()}_PASSWORD")
        assert "DATABASE_OWNER_URL" not in environment and environment["AUTO_MIGRATE"] == "0"
        assert {setting for setting in PASSWORDS if environment[setting] == ""} == PASSWORDS, "what .env has is blanked"


def test_roles_and_migrations_come_before_the_services():
    """The superuser makes the roles, the owner migrates; both end before a service starts."""
    roles, migrate = (SERVICES[name] for name in ONCE)
    assert (roles["command"], migrate["command"]) == (["roles", "--apply"], ["migrate"])
    assert login(roles["environment"]["DATABASE_OWNER_URL"]) == ("postgres", "POSTGRES_PASSWORD")
    assert login(migrate["environment"]["DATABASE_OWNER_URL"]) == ("personaworlds_owner", "OWNER_PASSWORD")
    given = dict(item.split(":", 1) for item in roles["environment"]["DATABASE_ROLE_PASSWORDS"].split(","))
    assert given == {role: f"${{{role.upper()}_PASSWORD:-{role}}}" for role in ("owner", "api", "worker", "ops")}
    assert roles["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    done = {"condition": "service_completed_successfully"}
    assert migrate["depends_on"] == {"roles": done}
    assert all(SERVICES[name]["depends_on"] == {"migrate": done} for name in OURS)
    assert not any("env_file" in SERVICES[name] for name in ONCE)


@pytest.mark.parametrize("name", SERVICES)
def test_files_that_it_mounts_exist(name):
    """deploy/prometheus and deploy/grafana among them."""
    here = [volume.split(":")[0] for volume in SERVICES[name].get("volumes", []) if volume.startswith("./")]
    assert [path for path in here if not (CHECKOUT / path).is_dir()] == []
    assert all(volume.endswith(":ro") for volume in SERVICES[name].get("volumes", []) if volume.startswith("./"))


def test_the_image_builds_with_what_bootstrap_installs():
    fonts = {name for name in bootstrap_packages() if name.startswith("fonts-")}
    assert packages(BUILD) - EXTRA_IN_BUILD == bootstrap_packages() - fonts - ONLY_TO_RUN_HERE


def test_the_image_has_the_libraries_that_the_program_needs_and_no_others():
    fonts = {name for name in bootstrap_packages() if name.startswith("fonts-")}
    needed = named_as_here(packages_of(libraries()) | fonts) - {"libssl"}  # for Redis, which hiredis of 12 can't
    assert named_as_here(packages(RUNTIME) - TOOLS) == needed


def test_the_image_runs_as_nobody_and_ends_in_order():
    instructions = dict(re.findall(r"^(USER|STOPSIGNAL|ENTRYPOINT|HEALTHCHECK) (.*)$", RUNTIME, re.MULTILINE))
    assert instructions["USER"] == SERVICES["backend"]["user"] and not instructions["USER"].startswith("0")
    assert instructions["STOPSIGNAL"] == "SIGTERM" and instructions["ENTRYPOINT"] == '["personaworlds"]'
    assert instructions["HEALTHCHECK"].endswith('CMD ["personaworlds", "healthcheck"]')
    assert "find / -xdev -type f -perm /6000 -exec chmod a-s {} +" in RUNTIME


def test_the_images_context_has_what_the_build_reads_and_no_secrets():
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert kept == {".git", "backend", "deploy/runbook.toml",
                    "script/build", "web"} and all((CHECKOUT / path).exists() for path in kept - {".git"})
