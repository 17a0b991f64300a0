"""A provider that hangs, and 200 drafts that wait for it, slow nobody else down."""
import json
import time

import pytest

from fakes.openai import FakeProvider, answer, hang
from support.latency import assert_quick
from support.people import sign_up
from support.program import Api, release_binary
from support.waiting import eventually
from support.wire import Connection, request

WAITING = 200
READS = 600
LOGINS = 50  # of one network: as many may wait


@pytest.fixture
def api(database):
    """The release build where there is one: sanitizers cost more than what is measured here."""
    with FakeProvider(default=hang()) as provider:
        settings = {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": provider.url, "API_REQUEST_TIMEOUT": "60s"}
        with Api(database.url, program=release_binary(), **settings) as api:
            api.provider = provider
            yield api
            provider.default = answer()
            provider.release()


def test_reads_stay_fast_beside_200_waiting_drafts(api):
    api.expect_errors("http_request")
    user = sign_up(api)
    persona, room = user.persona(daily_draft_quota=1000), user.room("go-backend")
    draft = request("POST", f"/rooms/{room.id}/posts/draft", f"Authorization: Bearer {user.token}",
                    body=json.dumps({"persona_id": persona.id}))
    read = request("GET", "/rooms", f"Authorization: Bearer {user.token}")
    waiting = [Connection(api.port) for _ in range(WAITING)]
    try:
        for connection in waiting:
            connection.send(draft)
        eventually(lambda: len(api.provider.requests) >= 60, within=20)
        durations = []
        with Connection(api.port) as reader:
            for _ in range(READS):
                started = time.perf_counter()
                reader.send(read)
                assert reader.answer().status_code == 200
                durations.append(time.perf_counter() - started)
        assert_quick(durations, 0.020)
        assert api.client.get("/healthz", timeout=1).status_code == 200
        assert not user.get(f"/rooms/{room.id}/posts").json()["posts"]
    finally:
        for connection in waiting:
            connection.close()


def test_reads_stay_fast_beside_parallel_logins(database):
    with Api(database.url, program=release_binary(), API_REQUEST_TIMEOUT="60s") as api:
        user = sign_up(api)
        login = request("POST", "/auth/login", body=json.dumps({"email": user.email, "password": user.password}))
        read = request("GET", "/rooms", f"Authorization: Bearer {user.token}")
        logins = [Connection(api.port) for _ in range(LOGINS)]
        try:
            durations = []
            with Connection(api.port) as reader:
                for connection in logins:
                    connection.send(login)
                for _ in range(READS):
                    started = time.perf_counter()
                    reader.send(read)
                    assert reader.answer().status_code == 200
                    durations.append(time.perf_counter() - started)
            assert all(connection.answer().status_code == 200 for connection in logins)
        finally:
            for connection in logins:
                connection.close()
        assert_quick(durations, 0.050)
