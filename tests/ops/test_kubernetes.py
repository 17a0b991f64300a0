"""deploy/kubernetes against Kubernetes' own schemas and against the program: what can be told without a
cluster."""
import re

import kubernetes_validate
import pytest
import yaml

from support.defaults import default, longest_stop
from support.program import CHECKOUT, JWT_SECRET, Api, Worker, run
from support.waiting import eventually

PLACE = CHECKOUT / "deploy/kubernetes/personaworlds.yaml"
RESOURCES = list(yaml.safe_load_all(PLACE.read_text()))
VERSIONS = ["1.29", "1.37"]  # the oldest that is meant, and the newest whose schema is here
SERVICES = {"api": Api, "worker": Worker}
PRE_STOP_S = 3


def resource(kind, name):
    (found,) = [each for each in RESOURCES if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def pod(name):
    kind = "Job" if name == "migrate" else "Deployment"
    return resource(kind, f"personaworlds-{name}")["spec"]["template"]["spec"]


def container(name):
    (found,) = pod(name)["containers"]
    return found


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("each", RESOURCES, ids=lambda each: f"{each['kind']}/{each['metadata']['name']}")
def test_a_resource_is_valid(each, version):
    kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("name", [*SERVICES, "migrate"])
def test_a_pod_has_as_little_as_it_needs(name):
    spec, one = pod(name), container(name)
    assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert one["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                      "capabilities": {"drop": ["ALL"]}}
    assert spec["automountServiceAccountToken"] is False and "hostNetwork" not in spec
    assert one["args"] == [name] and {"cpu", "memory"} <= one["resources"]["requests"].keys()
    assert one["image"] == f"personaworlds:{run('--version').stdout.split()[1]}"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_asked_where_it_answers(name):
    one = container(name)
    setting = {"api": "PORT", "worker": "WORKER_OBSERVABILITY_PORT"}[name]
    assert one["ports"] == [{"name": "http", "containerPort": int(default(setting))}]
    paths = {kind: one[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert paths == {"startup": {"path": "/healthz", "port": "http"}, "liveness": {"path": "/healthz", "port": "http"},
                     "readiness": {"path": "/readyz", "port": "http"}}
    labels = resource("Deployment", f"personaworlds-{name}")["spec"]["template"]["metadata"]["labels"].items()
    for selector in (resource("Service", f"personaworlds-{name}")["spec"]["selector"],
                     resource("PodDisruptionBudget", f"personaworlds-{name}")["spec"]["selector"]["matchLabels"],
                     resource("NetworkPolicy", f"personaworlds-{name}")["spec"]["podSelector"]["matchLabels"],
                     resource("NetworkPolicy", "personaworlds")["spec"]["podSelector"]["matchLabels"]):
        assert selector.items() <= labels


def test_a_stop_waits_as_long_as_the_program_may_take():
    assert container("api")["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", str(PRE_STOP_S)]
    assert pod("api")["terminationGracePeriodSeconds"] >= PRE_STOP_S + longest_stop("api")
    assert pod("worker")["terminationGracePeriodSeconds"] >= longest_stop("worker")


@pytest.mark.parametrize("name", SERVICES)
def test_the_services_start_with_its_settings(start, name):
    """In prod, with what the head of the file says that a secret has."""
    told = set(re.findall(r"--from-literal=(\w+)=", PLACE.read_text()))
    assert told == {"DATABASE_OWNER_URL", "DATABASE_URL", "JWT_SECRET"}
    assert [next(iter(source.values()))["name"] for source in container(name)["envFrom"]] == [
        "personaworlds", f"personaworlds-{name}"]
    settings = resource("ConfigMap", "personaworlds")["data"]
    assert settings.keys() <= set(re.findall(r"^\| `(\w+)`", run("config").stdout, re.MULTILINE))
    service = start(SERVICES[name], **settings | {"JWT_SECRET": JWT_SECRET if name == "api" else None})
    eventually(lambda: service.readiness()[0] == 200)
