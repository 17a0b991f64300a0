"""Where the services listen, who may see their metrics, and the secret that nobody set."""
import json
import socket

import httpx
import pytest

from support.people import sign_up
from support.ports import free_port
from support.program import JWT_SECRET, Api, Worker, run
from support.tokens import claims_for, token
from support.waiting import eventually

TOKEN = "a-token-for-metrics-0123456789"
NOBODY = "c945dbf2-9f51-4e56-8dbe-5ccac54c2870"
ELSEWHERE = "127.0.0.2"  # an address of this machine that isn't the loopback address proper


def is_open(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as client:
        return client.connect_ex((address, port)) == 0


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


# No hook of the recorder: the document is of an API that serves all of it in one place.
def ask(url, **headers):
    return httpx.get(url, headers=headers, trust_env=False)


# ---- addresses ----


@pytest.mark.parametrize("kind", [Api, Worker])
def test_outside_prod_a_service_is_this_machines_alone(start, kind):
    port = start(kind).port
    assert is_open("127.0.0.1", port) and is_open("::1", port) == has_ipv6()
    assert not is_open(ELSEWHERE, port)


@pytest.mark.parametrize("kind", [Api, Worker])
def test_in_prod_it_is_everybodys(start, kind):
    port = start(kind, APP_ENV="prod", LLM_PROVIDER="mock").port
    assert is_open("127.0.0.1", port) and is_open(ELSEWHERE, port) and is_open("::1", port) == has_ipv6()


@pytest.mark.parametrize("kind", [Api, Worker])
def test_an_address_of_ones_own(start, kind):
    port = start(kind, LISTEN_ADDRESS=f"127.0.0.1, {ELSEWHERE}").port
    assert is_open("127.0.0.1", port) and is_open(ELSEWHERE, port) and not is_open("127.0.0.3", port)
    assert is_open(ELSEWHERE, start(kind, LISTEN_ADDRESS="::").port)


def test_every_thread_serves_every_address(start):
    """Connections are shared among threads by the kernel."""
    api = start(Api, LISTEN_ADDRESS=f"127.0.0.1,{ELSEWHERE}", API_THREADS=4)
    for address in ("127.0.0.1", ELSEWHERE):
        assert {ask(f"http://{address}:{api.port}/healthz").status_code for _ in range(40)} == {200}


def test_a_taken_address_ends_the_start(start):
    api = start(Api, LISTEN_ADDRESS=ELSEWHERE + ",127.0.0.1")
    done = run("api", PORT=api.port, JWT_SECRET=JWT_SECRET, LISTEN_ADDRESS=f"127.0.0.3,{ELSEWHERE}")
    (line,) = [json.loads(line) for line in done.stdout.splitlines() if "startup_failed" in line]
    assert (done.returncode, line["step"]) == (1, "listen")
    assert line["error"] == (f"while opening {ELSEWHERE}, port {api.port}: Address already in use "
                             "(is another instance running?)")


@pytest.mark.parametrize("setting, value", [
    ("LISTEN_ADDRESS", "localhost"), ("LISTEN_ADDRESS", "127.0.0.1:80"), ("LISTEN_ADDRESS", "1.2.3.4,1,::1"),
    ("LISTEN_ADDRESS", ","), ("LISTEN_ADDRESS", "127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5"),
    ("OBSERVABILITY_LISTEN", "9100"), ("OBSERVABILITY_LISTEN", "127.0.0.1"), ("OBSERVABILITY_LISTEN", "::1:9100"),
    ("OBSERVABILITY_LISTEN", "[127.0.0.1]:9100"), ("OBSERVABILITY_LISTEN", "127.0.0.1:0"),
    ("OBSERVABILITY_LISTEN", "127.0.0.1:65536"), ("OBSERVABILITY_LISTEN", "localhost:9100"),
    ("METRICS_TOKEN", "fifteen-charact"), ("METRICS_TOKEN", "sixteen charact!"), ("METRICS_TOKEN", "x" * 257)])
def test_what_cannot_be_read_ends_the_start(setting, value):
    done = run("api", JWT_SECRET=JWT_SECRET, **{setting: value})
    (line,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, line["step"]) == (1, "config") and line["error"].startswith(f"{setting} must ")


# ---- metrics apart ----


@pytest.fixture
def apart(start):
    """An API that serves operators in a place of their own."""
    port = free_port()
    api = start(Api, OBSERVABILITY_LISTEN=f"{ELSEWHERE}:{port}")
    api.client.event_hooks = {}
    api.operators = f"http://{ELSEWHERE}:{port}"
    return api


def test_metrics_and_document_are_in_a_place_of_their_own(apart):
    shown = {path: ask(f"{apart.operators}{path}").status_code
             for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/rooms", "/b/x", "/auth/login")}
    assert shown == {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/openapi.json": 200, "/rooms": 404, "/b/x": 404,
                     "/auth/login": 404}


def test_then_clients_do_not_find_them(apart):
    for path in ("/metrics", "/openapi.json"):
        for method in ("GET", "POST", "OPTIONS"):
            answer = apart.client.request(method, path)
            assert (answer.status_code, answer.json()["error"], "Allow" in answer.headers) == (404, "not found", False)
    assert [apart.client.get(path).status_code for path in ("/healthz", "/readyz", "/rooms")] == [200, 200, 401]
    line = apart.log.wait_for("http_request", status=404)
    assert line["route"] == "unmatched"


def test_both_places_count_in_the_same_metrics(apart):
    apart.client.get("/rooms")
    assert 'http_requests_total{route="/rooms",method="GET",status="401"} 1' in ask(f"{apart.operators}/metrics").text


def test_they_end_together(apart):
    apart.stop()
    assert not is_open(ELSEWHERE, int(apart.operators.rsplit(":", 1)[1]))


def test_the_workers_port_is_on_that_address(start):
    worker = start(type("Apart", (Worker,), {"is_ready": lambda self: is_open(ELSEWHERE, self.port)}),
                   OBSERVABILITY_LISTEN=f"{ELSEWHERE}:{free_port()}")
    assert ask(f"http://{ELSEWHERE}:{worker.port}/metrics").status_code == 200
    assert not is_open("127.0.0.1", worker.port)


# ---- a token for metrics ----


@pytest.mark.parametrize("kind, paths", [(Api, ["/metrics", "/openapi.json"]), (Worker, ["/metrics"])])
def test_metrics_want_their_token_alone(start, kind, paths):
    service = start(kind, METRICS_TOKEN=TOKEN)
    session = token(claims_for(NOBODY))
    for path in paths:
        for header, sentence in ((None, "missing auth header"), ("Basic eDp5", "invalid auth header"),
                                 (f"Bearer {TOKEN}x", "invalid token"), (f"Bearer {TOKEN[:-1]}", "invalid token"),
                                 (f"Bearer {session}", "invalid token")):
            answer = service.client.get(path, headers={"Authorization": header} if header else {})
            assert (answer.status_code, answer.json()["error"]) == (401, sentence)
            assert answer.headers["WWW-Authenticate"] == "Bearer" and answer.headers["Cache-Control"] == "no-store"
        answer = service.client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert [service.client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_the_token_comes_from_a_file_too(start, tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    api = start(Api, METRICS_TOKEN_FILE=tmp_path / "token")
    assert ask(f"{api.client.base_url}/metrics").status_code == 401
    assert ask(f"{api.client.base_url}/metrics", Authorization=f"Bearer {TOKEN}").status_code == 200


def test_the_token_is_for_metrics_alone(start):
    api = start(Api, METRICS_TOKEN=TOKEN)
    assert api.client.get("/rooms", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401


# ---- commands find both ----


@pytest.fixture
def stack(database, start):
    """Both services as a careful operator has them, and the settings of a command beside them."""
    settings = {"OBSERVABILITY_LISTEN": f"{ELSEWHERE}:{free_port()}", "METRICS_TOKEN": TOKEN}
    api = start(Api, **settings)
    worker = start(type("Apart", (Worker,), {"is_ready": lambda self: is_open(ELSEWHERE, self.port)}), **settings)
    return settings | {"DATABASE_URL": database.url, "JWT_SECRET": JWT_SECRET, "PORT": api.port,
                       "WORKER_OBSERVABILITY_PORT": worker.port}


def test_triage_looks_where_metrics_are(stack):
    seen = json.loads(run("triage", "--json", "--sample", "100ms", **stack).stdout)
    assert [check for check in seen["checks"] if check["status"] == "unknown"] == []
    without = json.loads(run("triage", "--json", "--sample", "100ms", **stack | {"METRICS_TOKEN": None}).stdout)
    assert "no metrics with this METRICS_TOKEN" in {check.get("evidence") for check in without["checks"]}


def test_verify_looks_there_too(stack):
    done = run("verify", "--for", "1s", "--every", "100ms", **stack)
    assert done.returncode == 0, done.stdout
    done = run("verify", "--for", "1s", "--every", "100ms", **stack | {"METRICS_TOKEN": "another-token-of-metrics"})
    assert done.returncode == 1 and "with this METRICS_TOKEN" in done.stdout


def test_doctor_knows_who_listens(stack):
    said = run("doctor", "ports", **stack).stdout
    for setting, name in (("PORT", "API"), ("OBSERVABILITY_LISTEN", "API"), ("WORKER_OBSERVABILITY_PORT", "worker")):
        assert f"a personaworlds {name} listens there" in next(line for line in said.splitlines()
                                                               if f" {setting} " in line), said
    assert run("doctor", "ports", **stack).returncode == 0


# ---- the secret ----


def test_a_secret_that_nobody_set_is_one_that_nobody_knows(start):
    """The program once had one that stands in its source."""
    one, two = [start(Api, JWT_SECRET=None) for _ in range(2)]
    user = sign_up(one)
    for key in ("dev-secret-change-me", "secret", ""):
        forged = one.client.get("/personas", headers=bearer(token(claims_for(user.id), key=key)))
        assert (forged.status_code, forged.json()["error"]) == (401, "invalid token")
    assert [user.at(api).get("/personas").status_code for api in (one, two)] == [200, 401]
    line = one.log.wait_for("jwt_secret_random")
    assert line["level"] == "warn" and "sessions end with this process" in line["error"]


def test_a_set_one_is_used_without_a_word(start):
    api = start(Api)
    api.heard()
    assert not api.log.find("jwt_secret_random")
    user = sign_up(api)
    assert api.client.get("/personas", headers=bearer(token(claims_for(user.id)))).status_code == 200


def test_in_prod_one_must_be_set():
    done = run("api", APP_ENV="prod", LLM_PROVIDER="mock")
    assert done.returncode == 1 and "JWT_SECRET is shorter than 32 bytes" in done.stdout


def test_the_worker_needs_none(start):
    worker = start(Worker, JWT_SECRET=None)
    eventually(worker.is_ready)
    assert not worker.log.find("jwt_secret_random")
