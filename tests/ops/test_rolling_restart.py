"""Two APIs behind the HAProxy that deploy/ha/ ships, restarted in turn under a steady load of
keep-alive clients: no request fails, and what was posted is there once. `PERSONAWORLDS_LONG=1`
(script/test --long) does it in full size, with the shipped times: ten restarts, 20,000 requests."""
import contextlib
import http.server
import json
import os
import threading

import pytest

from support.haproxy import HAProxy
from support.people import sign_up
from support.program import Api
from support.steady_load import POST_EVERY, Load
from support.waiting import eventually
from support.wire import Connection, request

pytestmark = pytest.mark.timeout(600)
LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
RESTARTS, LEAST, CHECK_EVERY, STOP_DELAY = (10, 20_000, "1s", "5s") if LONG else (2, 0, "100ms", "1500ms")


@pytest.fixture
def apis(start):
    """A draft takes a while, so that some are always under way."""
    return [start(Api, API_THREADS=1, API_STOP_DELAY=STOP_DELAY, MOCK_LLM_LATENCY="100ms") for _ in range(2)]


@pytest.fixture
def balancer(apis):
    with HAProxy(*apis, HAPROXY_CHECK_EVERY=CHECK_EVERY) as balancer:
        yield balancer


def restart(api, name, balancer):
    api.stop()
    api.start()
    eventually(lambda: balancer.is_up(name), within=30)


def test_a_rolling_restart_fails_no_request(apis, balancer, database, room):
    with Load(balancer.port, sign_up(apis[0]), room) as load:
        for i in range(RESTARTS):
            before = load.sent
            restart(apis[i % 2], balancer.names[i % 2], balancer)
            assert load.sent > before
        eventually(lambda: load.sent >= LEAST, within=120)
    assert load.failed == [], (len(load.failed), load.sent, balancer.log()[-4000:])
    assert load.is_stored_once(database) and len(load.posted) > load.sent / POST_EVERY / 2
    print(f"{load.sent} requests, {len(load.posted)} of them POSTs, {RESTARTS} restarts, none failed")


def ask(balancer, method="GET", path="/rooms", *headers):
    with Connection(balancer.port) as client:
        client.send(request(method, path, *headers))
        return client.answer()


def test_an_api_that_dies_costs_no_reader_a_request(apis, balancer):
    """Killed, so it takes no leave: what only reads is asked of the other one."""
    apis[0].kill()
    assert [ask(balancer, path="/healthz").status_code for _ in range(20)] == [200] * 20


def test_without_any_api_it_answers_as_one_would(apis, balancer):
    for api in apis:
        api.kill()
    eventually(lambda: not any(balancer.is_up(name) for name in balancer.names), within=20)
    answer = ask(balancer)
    told = json.loads(answer.body)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == "application/json" and told.pop("request_id")
    assert told == {"error": "server is busy", "code": "server_is_busy"}


class Mute(http.server.BaseHTTPRequestHandler):
    """Ready, and cut off whenever it should answer anything else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/readyz":
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.do_POST()

    def do_POST(self):
        self.server.asked.append(self.command)
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def mutes():
    with contextlib.ExitStack() as servers:
        both, asked = [], []
        for _ in range(2):
            server = servers.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mute))
            server.asked, server.port = asked, server.server_port
            threading.Thread(target=server.serve_forever, args=(0.02,)).start()
            servers.callback(server.shutdown)
            both.append(server)
        yield both, asked


def test_what_changes_something_is_asked_once(mutes):
    """Whether it was done nobody knows; what only reads is asked again."""
    (one, other), asked = mutes
    with HAProxy(one, other, HAPROXY_CHECK_EVERY=CHECK_EVERY) as balancer:
        answer = ask(balancer, "POST", "/personas", "Content-Length: 0")
        assert answer.status_code == 502 and "retry-after" not in answer.headers
        assert json.loads(answer.body)["code"] == "outcome_unknown" and asked == ["POST"]
        assert ask(balancer).status_code == 502 and asked == ["POST"] + ["GET"] * 4
