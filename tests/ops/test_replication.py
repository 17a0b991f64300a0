"""What services and `triage` say of a server's standbys: a real one, with its faults."""
import threading

import pytest

from support.drill import DrillApi, DrillWorker, answers
from support.exposition import Page
from support.people import sign_up
from support.postgres import Cluster
from support.program import prepared, run
from support.standby import Standby, waited_for
from support.triage import finding, found, look
from support.waiting import eventually

WITHIN = 15  # the gauges are read every five seconds
GAUGES = ["in_recovery", "timeline", "standbys", "standby_missing", "replica_lag_seconds", "replica_lag_bytes",
          "commits_waiting"]


@pytest.fixture(scope="module")
def primary():
    with Cluster(wal_sender_timeout="1h") as cluster:
        yield cluster


@pytest.fixture(scope="module")
def database(primary):
    return prepared(primary)


@pytest.fixture
def standby(primary, database):
    with Standby(primary, wal_receiver_status_interval="1s") as standby:
        yield standby


@pytest.fixture
def api(database):
    with DrillApi(database.url) as api:
        yield api


@pytest.fixture
def worker(database):
    with DrillWorker(database.url) as worker:
        yield worker


@pytest.fixture
def where(database, api, worker):
    return {"DATABASE_URL": database.url, "api": f"http://127.0.0.1:{api.port}",
            "worker": f"http://127.0.0.1:{worker.port}"}


def gauges(service):
    page = Page(service.metrics())
    return {name: page.value(f"db_{name}") for name in GAUGES}


def test_a_server_alone_has_no_standby(api, worker, where):
    for service in (api, worker):
        eventually(lambda: gauges(service) == dict.fromkeys(GAUGES, 0) | {"timeline": 1}, WITHIN)
    assert not found(look(**where))


def test_a_standby_is_seen_and_its_silence(primary, standby, api, worker, where, database):
    eventually(lambda: gauges(api)["standbys"] == gauges(worker)["standbys"] == 1, WITHIN)
    assert gauges(worker)["replica_lag_seconds"] < 1
    standby.freeze()
    try:
        database.execute("CREATE TABLE IF NOT EXISTS written AS SELECT 1")
        eventually(lambda: gauges(worker)["replica_lag_seconds"] > 5, WITHIN)
        assert gauges(api)["replica_lag_seconds"] == 0, "its role can't see it"
        assert api.readiness()[0] == 200
    finally:
        standby.thaw()
    eventually(lambda: gauges(worker)["replica_lag_seconds"] < 1, WITHIN)


def test_commits_that_wait_for_a_standby_are_told(primary, standby, api, worker, where, database):
    with waited_for(primary, standby):
        eventually(lambda: gauges(api)["standbys"] == 1 and not gauges(api)["standby_missing"], WITHIN)
        assert sign_up(api)
        standby.freeze()
        try:
            waiting = threading.Thread(target=lambda: database.execute("CREATE TABLE waits AS SELECT 1"))
            waiting.start()
            eventually(lambda: api.readiness()[0] == 503, WITHIN)
            eventually(lambda: gauges(api)["commits_waiting"] or gauges(worker)["commits_waiting"], WITHIN)
            seen = look(**where)
            assert found(seen) == ["commits_waiting"], [check for check in seen["checks"] if check["status"] != "ok"]
        finally:
            standby.thaw()
        waiting.join(30)
        eventually(lambda: api.readiness()[0] == 200, WITHIN)
        standby.stop("immediate")
        eventually(lambda: gauges(api)["standby_missing"] == 1, WITHIN)
    # what was kept meanwhile is written with it
    run("incident", "note", "No commit waits any more.", DATABASE_URL=database.url)


def test_a_standby_that_is_away_has_the_log_kept(primary, standby, where, database):
    database.execute("SELECT pg_create_physical_replication_slot('berlin_2', true)")
    try:
        seen = finding(look(**where), "standby_missing")
        assert "berlin_2 (" in seen["evidence"] and "standby (streaming, async)" in seen["evidence"]
        assert seen["is_warning"]
    finally:
        database.execute("SELECT pg_drop_replication_slot('berlin_2')")


def test_a_standby_whose_replay_is_stuck_is_behind(primary, standby, where, worker, database):
    standby.run("SELECT pg_wal_replay_pause()")
    database.execute("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1 << 23)) FROM generate_series(1, 9)")
    eventually(lambda: gauges(worker)["replica_lag_bytes"] > 64 << 20, WITHIN)
    seen = finding(look(**where), "standby_behind")
    assert seen["is_warning"] and "standby is furthest behind: " in seen["evidence"]


def test_a_promotion_is_another_time_line(primary, standby, database):
    standby_url = database.url.replace(str(primary.port), str(standby.port))
    worker = DrillWorker(standby_url).launch()
    try:
        eventually(lambda: answers(worker), WITHIN)
        eventually(lambda: not worker.is_ready() and gauges(worker)["in_recovery"] == 1, WITHIN)
        standby.promote()
        eventually(lambda: gauges(worker) == dict.fromkeys(GAUGES, 0) | {"timeline": 2}, WITHIN)
        eventually(lambda: worker.readiness()[0] == 200, WITHIN)
    finally:
        worker.kill()
