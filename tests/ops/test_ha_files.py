"""The files of deploy/ha/: what of them can be told, and tried, without the engines of several
machines. tests/scale/test_stack.py starts everything by them."""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import yaml

from fakes.service import FakeService
from support.haproxy import HAProxy
from support.ports import free_port
from support.program import CHECKOUT
from support.waiting import eventually

FOLDER = CHECKOUT / "deploy/ha"
PATRONI = yaml.safe_load((FOLDER / "patroni.yml").read_text())
SHARED = PATRONI["bootstrap"]["dcs"]


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


# ---- who is primary ----


def pinned():
    """The major version of the Patroni that bootstrap installs."""
    return int(re.search(r"^patroni\[etcd3\]==(\d+)\.", (FOLDER / "requirements.txt").read_text(), re.MULTILINE)[1])


def can_lose(configuration, major):
    """Before 4 Patroni writes etcd3's leader key without looking whose it is: a primary that was
    frozen takes it back, and what was acknowledged meanwhile is rewound."""
    return "etcd3" in configuration and major < 4


def test_patroni_is_one_that_takes_no_leader_key_from_another():
    assert can_lose({"etcd3": {}}, 3) and not can_lose({"etcd": {}}, 3)
    assert not can_lose(PATRONI, pinned())
    bootstrap = (CHECKOUT / "script/bootstrap").read_text()
    assert "deploy/ha/requirements.txt" in bootstrap
    assert not re.search(r"\bpackages\+?=\(.*\bpatroni\b|^engines=\(.*\bpatroni\b", bootstrap, re.MULTILINE), (
        "Debian 12's is a 3")


def test_all_that_patroni_needs_is_pinned():
    lines = [line for line in (FOLDER / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines and all(re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", line) for line in lines), lines


def test_no_commit_has_only_one_copy():
    assert SHARED["synchronous_mode"] is True and SHARED["synchronous_mode_strict"] is True
    assert "synchronous_commit" not in SHARED["postgresql"]["parameters"]  # `on` is the default


def test_a_failover_is_as_quick_as_patroni_allows():
    """It wants loop_wait + 2 * retry_timeout within ttl, and a ttl of 20 at least."""
    assert SHARED["ttl"] == 20 and SHARED["loop_wait"] + 2 * SHARED["retry_timeout"] <= SHARED["ttl"]
    assert SHARED["primary_start_timeout"] == 0
    assert SHARED["postgresql"]["use_pg_rewind"] and SHARED["postgresql"]["parameters"]["wal_log_hints"] == "on"
    assert seconds(SHARED["postgresql"]["parameters"]["wal_sender_timeout"]) == 5


def test_nobody_gets_in_without_a_password():
    for line in PATRONI["postgresql"]["pg_hba"]:
        assert line.split()[-1] == "scram-sha-256", line
    assert "auth_type = scram-sha-256" in (FOLDER / "pgbouncer.ini").read_text()


# ---- HAProxy before the APIs ----


def test_when_no_api_is_ready_those_that_live_answer():
    """And when none lives, HAProxy does, as an API would."""
    with FakeService() as one, FakeService() as other:
        for service in (one, other):
            service.port = int(service.url.rpartition(":")[2])
        with HAProxy(one, other, HAPROXY_CHECK_EVERY="50ms") as balancer:
            one.ready = other.ready = "database is away"
            eventually(lambda: not any(map(balancer.is_up, balancer.names)), within=20)

            def answers(expected):
                answer = httpx.get(f"http://127.0.0.1:{balancer.port}/readyz")
                return answer.status_code == 503 and expected.items() <= answer.json().items() and answer

            eventually(lambda: answers({"ok": False, "error": "database is away"}), within=20)
            one.unhealthy = other.unhealthy = "stopping"
            assert int(eventually(lambda: answers({"code": "server_is_busy"}), within=20).headers["Retry-After"]) >= 1


# ---- HAProxy before the data ----


class Node:
    """A Postgres that says its name to whoever connects and stays, and its Patroni."""

    def __init__(self, name, end):
        self.name, self.is_primary = name, False
        node = self

        class Patroni(BaseHTTPRequestHandler):
            def do_OPTIONS(self):
                is_right = node.is_primary == self.path.startswith("/primary")
                self.send_response(200 if is_right else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.patroni = end.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Patroni))
        self.postgres = end.enter_context(socket.create_server(("127.0.0.1", 0)))
        end.callback(self.patroni.shutdown)
        threading.Thread(target=self.patroni.serve_forever, args=(0.02,), daemon=True).start()
        threading.Thread(target=self._accept, daemon=True).start()
        self.sessions = []

    def _accept(self):
        with contextlib.suppress(OSError):  # it is over
            while True:
                session, _ = self.postgres.accept()
                self.sessions.append(session)
                with contextlib.suppress(OSError):  # who came is gone again
                    session.sendall(self.name.encode())

    def settings(self, n):
        return {f"PG_{n}": f"127.0.0.1:{self.postgres.getsockname()[1]}", f"PG_{n}_CHECK": self.patroni.server_port}


@pytest.fixture
def nodes():
    """Three of them, and the ports at which HAProxy has their primary and their standbys."""
    with contextlib.ExitStack() as end:
        nodes = [Node(f"pg{n}", end) for n in (1, 2, 3)]
        nodes[0].is_primary = True
        ports = {name: free_port() for name in ("PRIMARY_BIND", "REPLICAS_BIND", "REDIS_BIND")}
        settings = {"REDIS_1": "127.0.0.1:1", "REDIS_2": "127.0.0.1:1"}
        settings |= {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        for n, node in enumerate(nodes, 1):
            settings |= node.settings(n)
        program = shutil.which("haproxy") or "/usr/sbin/haproxy"
        assert os.access(program, os.X_OK), "no haproxy: run script/bootstrap --tests"
        process = subprocess.Popen([program, "-db", "-f", FOLDER / "haproxy-data.cfg"],
                                   env={name: str(value) for name, value in settings.items()},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end.callback(process.wait)
        end.callback(process.kill)
        yield nodes, ports["PRIMARY_BIND"], ports["REPLICAS_BIND"]


def session(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    return connection, connection.recv(16).decode()


def whoever(port):
    """Who is reached just now: nobody is an empty name."""
    try:
        connection, name = session(port)
        connection.close()
        return name
    except OSError:
        return ""


def test_the_primary_is_whoever_patroni_says_and_a_former_one_loses_its_sessions(nodes):
    (first, second, _), primary, replicas = nodes
    # At its start HAProxy takes all for the right one until it has asked them.
    eventually(lambda: {whoever(primary) for _ in range(6)} == {"pg1"}, within=20)
    eventually(lambda: {whoever(replicas) for _ in range(4)} == {"pg2", "pg3"}, within=20)
    held, name = session(primary)
    assert name == "pg1"
    first.is_primary, second.is_primary = False, True
    assert held.recv(16) == b"", "what is sent to a former primary would be refused, or hang"
    held.close()
    eventually(lambda: whoever(primary) == "pg2", within=20)
    eventually(lambda: {whoever(replicas) for _ in range(4)} == {"pg1", "pg3"}, within=20)
