"""Postgres goes away and comes back under requests:
nothing hangs, nothing is lost, nobody has to restart anything."""
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from fakes.openai import FakeProvider, answer, hang
from support.battles import write_battle
from support.exposition import Page
from support.live import Stream
from support.people import persona_fields, sign_up
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.queue import speaking_to
from support.waiting import at_once, eventually


@pytest.fixture(scope="module")
def cluster():
    """A server of this file's own, to be stopped and started."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def database(cluster):
    return prepared(cluster)


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url) as api:
        yield api


@pytest.fixture(autouse=True)
def errors_are_expected(api, cluster):
    """Requests that meet no database are 5xx.
    Whatever a test does, the server runs again afterwards."""
    api.expect_errors("http_request")
    yield
    if not cluster.accepts():
        cluster.start()
    eventually(api.is_ready, within=10)


def is_away(answer):
    assert (answer.status_code, answer.headers.get("Retry-After", "").isdigit()) == (503, True), answer.text
    assert set(answer.json()) == {"error", "code", "request_id"}
    return True


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_while_postgres_is_away_everything_says_so_and_then_all_is_back(api, cluster, mode):
    user = sign_up(api)
    persona = user.persona()
    cluster.stop(mode)
    eventually(lambda: api.readiness()[0] == 503)
    status, body = api.readiness()
    assert body["ok"] is False and body["error"].startswith("database ping failed: ")
    assert api.client.get("/healthz").json() == {"ok": True}
    for answer in (user.get("/rooms"), user.post("/personas", json=persona_fields()),
                   user.get(f"/personas/{persona.id}"),
                   api.client.post("/auth/login", json={"email": user.email, "password": user.password})):
        assert is_away(answer)
    started = time.monotonic()
    assert "http_requests_total" in api.metrics()
    assert time.monotonic() - started < 5

    cluster.start()
    eventually(lambda: user.get("/rooms").status_code == 200 and api.readiness()[0] == 200, within=10)
    assert user.get(f"/personas/{persona.id}").json() == persona
    # Writes have connections of their own.
    eventually(lambda: user.post("/personas", json=persona_fields()).status_code == 201)


@pytest.mark.parametrize("comes_back", [True, False], ids=["for a moment", "for longer than the request"])
def test_a_draft_that_was_paid_for_waits_for_the_database(cluster, database, comes_back):
    stopped = threading.Event()

    def write(_):
        cluster.stop("fast")
        stopped.set()
        return "Written while nobody listened. Is it kept?"

    def return_in_time():
        assert stopped.wait(10)
        eventually(lambda: api.readiness()[0] == 503)
        if comes_back:
            cluster.start()

    with FakeProvider(default=answer(write)) as provider, Api(database.url, LLM_PROVIDER="openai",
                                                              OPENAI_BASE_URL=provider.url,
                                                              API_REQUEST_TIMEOUT="6s") as api:
        api.expect_errors("http_request")
        user = sign_up(api)
        persona, room = user.persona(daily_draft_quota=1), user.room("go-backend")
        draft, _ = at_once(lambda: user.ask_for_draft(persona, room), return_in_time)
        assert len(provider.requests) == 1
        if comes_back:
            assert (draft.status_code, draft.json()["content"]) == (201, "Written while nobody listened. Is it kept?")
            assert database.rows("SELECT expires_at FROM quota_events WHERE persona_id = %s",
                                 persona.id) == [{"expires_at": None}]
        else:
            assert is_away(draft)


class Traffic:
    """Reads and writes without a pause, in the background."""

    def __init__(self, user):
        self.user, self.reads, self.writes = user, [], []
        self._over = threading.Event()

    def _go_on(self, act, answers):
        while not self._over.is_set():
            answers.append(act())

    def run(self, meanwhile):
        def interfere():
            try:
                meanwhile()
            finally:
                self._over.set()

        at_once(interfere, *[lambda: self._go_on(lambda: self.user.get("/rooms"), self.reads)] * 4,
                *[lambda: self._go_on(lambda: self.user.post("/personas", json=persona_fields()), self.writes)] * 4)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_under_traffic_gives_clear_answers_and_loses_nothing(api, cluster, database, mode):
    user = sign_up(api)
    traffic = Traffic(user)

    def restart():
        eventually(lambda: len(traffic.writes) > 40)
        cluster.stop(mode)
        eventually(lambda: any(answer.status_code == 503 for answer in traffic.reads))
        cluster.start()
        before = len(traffic.writes)
        eventually(lambda: [answer.status_code for answer in traffic.writes[before:][-20:]] == [201] * 20, within=10)

    traffic.run(restart)
    assert set(Counter(answer.status_code for answer in traffic.reads)) == {200, 503}
    assert set(Counter(answer.status_code for answer in traffic.writes)) == {201, 503}
    refused = [answer for answer in traffic.reads + traffic.writes if answer.status_code == 503]
    unknown = [answer for answer in refused if answer.json()["code"] == "outcome_unknown"]
    assert all(is_away(answer) for answer in refused if answer not in unknown)
    assert all("Retry-After" not in answer.headers for answer in unknown)
    assert not [answer for answer in unknown if answer in traffic.reads]
    confirmed = {answer.json()["id"] for answer in traffic.writes if answer.status_code == 201}
    stored = {str(row["id"]) for row in database.rows("SELECT id FROM personas WHERE user_id = %s", user.id)}
    assert confirmed <= stored
    assert len(stored) <= len(confirmed) + len(unknown)


def test_a_database_that_stands_still_is_noticed(api, cluster):
    """Connections stay open and nothing answers:
    requests end at their deadline, readyz within two seconds."""
    user = sign_up(api)
    with Api(cluster.url(user.api.settings["DATABASE_URL"].split("/")[-1].split("?")[0]), API_REQUEST_TIMEOUT="2s",
             DB_QUERY_TIMEOUT="1s") as hurried:
        hurried.expect_errors("http_request")
        me = user.at(hurried)
        cluster.freeze()
        try:
            started = time.monotonic()
            answer = me.get("/rooms", timeout=10)
            assert answer.status_code in (503, 504)
            assert time.monotonic() - started < 8
            eventually(lambda: hurried.readiness()[0] == 503, within=6)
            assert hurried.client.get("/healthz", timeout=5).status_code == 200
            assert hurried.client.get("/metrics", timeout=5).status_code == 200
        finally:
            cluster.thaw()
        eventually(lambda: me.get("/rooms").status_code == 200, within=5)
        eventually(hurried.is_ready, within=5)


def test_a_read_whose_connection_is_cut_goes_another_way(database, start):
    """One connection of four breaks: under a read that waits, and before the next ones."""
    api = start(Api, database.url, API_THREADS=1)
    user = sign_up(api)
    reader = ("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%FROM rooms%' "
              "AND wait_event_type = 'Lock'")
    with database.connect() as connection, ThreadPoolExecutor(1) as pool:
        with connection.transaction():
            connection.execute("LOCK TABLE rooms IN ACCESS EXCLUSIVE MODE")
            waiting = pool.submit(lambda: user.get("/rooms"))
            (first,) = eventually(lambda: [row["pid"] for row in database.rows(reader)])
            database.execute("SELECT pg_terminate_backend(%s)", first)
            eventually(lambda: [row["pid"] for row in database.rows(reader)] not in ([], [first]))
        assert waiting.result(10).status_code == 200
    for _ in range(5):
        # one listens, one proves that commits work
        eventually(lambda: Page(api.metrics()).value("db_connections") == 6, within=20)
        database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                         "AND application_name = 'personaworlds api' AND query LIKE '%FROM rooms%' LIMIT 1")
        assert user.get("/rooms").status_code == 200


def test_every_connection_cut_at_once_is_replaced(api, database):
    user = sign_up(api)
    for _ in range(5):
        database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                         "AND pid <> pg_backend_pid()")
        eventually(lambda: user.get("/rooms").status_code == 200, within=2)


def test_the_worker_survives_too(api, cluster, database):
    user = sign_up(api)
    persona = user.persona()
    with Worker(database.url, WORKER_POLL_EVERY="500ms", MOCK_LLM_LATENCY="1s") as worker:
        worker.expect_errors("http_request")
        post = user.publish(persona, user.room("go-backend"))
        user.ask_for_replies(post, persona)
        worker.log.wait_for("job_started", job_type="generate_reply")
        cluster.stop("immediate")
        eventually(lambda: worker.readiness()[0] == 503)
        assert worker.readiness()[1]["error"].startswith("database ping failed: ")
        assert worker.client.get("/healthz").json() == {"ok": True}
        cluster.start()
        eventually(worker.is_ready, within=2)
        database.execute("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE status = 'PROCESSING'")
        eventually(lambda: database.row("SELECT status FROM jobs WHERE job_type = 'generate_reply' AND post_id = %s",
                                        post.id)["status"] == "DONE", within=15)
        assert database.count("replies", post_id=post.id) == 1
        assert database.count("quota_events", persona_id=persona.id, quota_type="reply") == 1


def reply_calls(provider):
    return [request for request in provider.requests if "Write one reply" in request.system]


def test_a_text_that_was_paid_for_waits_for_the_database(api, cluster, database):
    """The model has answered, Postgres is away:
    the text is stored when it is back, and the model isn't asked again."""
    user = sign_up(api)
    persona = user.persona()
    post = user.publish(persona, user.room("go-backend"))
    with FakeProvider(default=hang()) as provider, Worker(database.url, **speaking_to(provider)) as worker:
        worker.expect_errors("http_request")
        user.ask_for_replies(post, persona)
        eventually(lambda: reply_calls(provider), within=10)
        cluster.stop()
        eventually(lambda: worker.readiness()[0] == 503)
        provider.default = answer()
        provider.release()
        cluster.start()
        eventually(lambda: database.row("SELECT status FROM jobs WHERE job_type = 'generate_reply' AND post_id = %s",
                                        post.id)["status"] == "DONE", within=15)
        assert database.count("replies", post_id=post.id) == 1
        assert database.count("quota_events", persona_id=persona.id, quota_type="reply") == 1
        assert len(reply_calls(provider)) == 1


def test_a_page_in_memory_is_shown_meanwhile_and_another_says_so(cluster, database, start):
    kept, empty = start(Api), start(Api, API_THREADS=2)
    shown = kept.client.get("/discover")
    assert shown.status_code == 200
    cluster.stop("fast")
    for api in (kept, empty):
        api.expect_errors("http_request")
        eventually(lambda: not api.is_ready())
    assert kept.client.get("/discover").content == shown.content
    for answer in at_once(*[lambda: empty.client.get("/discover")] * 8):
        assert is_away(answer) and answer.headers["Cache-Control"] == "no-store"
    cluster.start()
    eventually(lambda: empty.client.get("/discover").status_code == 200)


def test_coming_and_going_is_logged_once_each(api, cluster):
    eventually(lambda: "\nservice_ready 1\n" in api.metrics())  # the watch, which logs, has seen it, too
    before = len(api.log.lines)
    cluster.stop()
    eventually(lambda: [line for line in api.log.lines[before:] if line["msg"] == "not_ready"])
    cluster.start()
    eventually(api.is_ready)
    eventually(lambda: [line for line in api.log.lines[before:] if line["msg"] == "ready"])
    changes = [line["msg"] for line in api.log.lines[before:] if line["msg"] in ("ready", "not_ready")]
    assert changes == ["not_ready", "ready"]
    assert any("database ping failed" in line.get("error", "")
               for line in api.log.lines[before:] if line["msg"] == "not_ready")


def test_streams_stay_while_postgres_is_away_and_hear_what_happened(cluster, database, start):
    api = start(Api, STREAM_LIFE="1h")
    api.expect_errors("http_request")
    user = sign_up(api)
    post, other = write_battle(database, user), write_battle(database, user)
    with Stream(api, post) as stream:
        cluster.stop("fast")
        refused = Stream(api, other)
        assert refused.status == 503 and refused.frames.headers["retry-after"]
        refused.close()
        assert not stream.ended.is_set()
        cluster.start()
        stream.wait_for("reset")
        database.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'Back again.')", post.id)
        stream.wait_for("reply", within=40)
        assert len(stream.named("reply")) == 1


def test_a_client_that_repeats_its_keys_through_an_outage_has_each_effect_once(api, cluster, database):
    """Whatever it was told meanwhile: that nothing was done, or that nobody knows."""
    user = sign_up(api)
    told, is_away_now = Counter(), threading.Event()

    def make(number):
        while True:
            made = user.post("/personas", json=persona_fields(name=number),
                             headers={"Idempotency-Key": number})
            told[made.status_code] += 1
            if made.status_code == 201:
                return made.json()
            assert made.status_code in (409, 503), made.text
            is_away_now.set()

    def go_away():
        eventually(lambda: told[201] > 10)
        cluster.stop("immediate")
        assert is_away_now.wait(10)
        cluster.start()

    def make_many(worker):
        return [make(f"{worker}-{n}") for n in range(25)]

    *answers, _ = at_once(*[lambda w=w: make_many(w) for w in range(4)], go_away)
    kept = {row["name"]: str(row["id"]) for row in database.rows(
        "SELECT name, id FROM personas WHERE user_id = %s", user.id)}
    assert len(kept) == database.count("personas", user_id=user.id) == 100
    assert kept == {persona["name"]: persona["id"] for made in answers for persona in made}
