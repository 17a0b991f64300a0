"""DB_POOLER=transaction:
the API behind a PgBouncer that gives every transaction some server connection."""
import time
from collections import Counter

import pytest

from support.battles import write_battle
from support.exposition import Page
from support.live import Stream
from support.people import new_room, persona_fields, sign_up
from support.program import Api, run
from support.relay import Relay
from support.waiting import at_once, eventually, in_parallel, only

SETTINGS = """SELECT current_setting('statement_timeout') AS statement_timeout,
                     current_setting('lock_timeout') AS lock_timeout,
                     current_setting('timezone') AS timezone, current_setting('jit') AS jit,
                     current_setting('transaction_isolation') AS isolation"""
ELSEWHERE = "Pacific/Chatham"  # a day of its own, for half of the time


@pytest.fixture(scope="module")
def database(cluster, template):
    """Its own defaults aren't ours, so that a setting that gets lost shows."""
    database = cluster.create(template.name)
    for setting in (f"timezone = '{ELSEWHERE}'", "statement_timeout = '77s'", "lock_timeout = '78s'", "jit = on"):
        database.execute(f"ALTER DATABASE {database.name} SET {setting}")
    yield database
    database.drop()


@pytest.fixture(scope="module")
def api(database, pooler):
    with Api(pooler.url(database.name), DB_POOLER="transaction") as api:
        yield api


@pytest.fixture
def empty(cluster):
    """A database without any schema."""
    database = cluster.create()
    yield database
    database.drop()


def server_connections(database):
    """Those that PgBouncer has: it passes the name of the client on."""
    return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                          "AND application_name LIKE 'personaworlds%%'")


def blocked(database, tables):
    """Holds tables, so that every statement on them waits."""
    connection = database.connect()
    connection.autocommit = False
    connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    return connection


def test_many_clients_share_few_connections_and_each_gets_its_own_answers(api, database, pooler):
    """Reads and writes of many people at once:
    an answer that went astray would be somebody else's."""
    people = [sign_up(api) for _ in range(12)]
    made = {user.id: [] for user in people}

    def live(user):
        for number in range(15):
            made[user.id].append(user.post("/personas",
                                           json=persona_fields(name=f"{user.email[:20]} {number}")).json()["id"])
            assert user.get(f"/personas/{user.id}").status_code == 404
            mine = user.get("/personas").json()["personas"]
            assert sorted(persona["id"] for persona in mine) == sorted(made[user.id])

    at_once(*[lambda user=user: live(user) for user in people])
    assert 0 < server_connections(database) <= pooler.size
    assert {str(row["id"]): str(row["user_id"])
            for row in database.rows("SELECT id, user_id FROM personas WHERE user_id = ANY(%s)", list(made))} == \
        {id: user for user, ids in made.items() for id in ids}


def test_a_connection_has_one_transaction_under_way(database, pooler, start):
    """PgBouncer 1.18 gives the server connection to somebody else at each answer,
    also when half of the next transaction is there already."""
    with Relay(pooler.port) as relay:
        api = start(Api, pooler.url(database.name, relay.port), DB_POOLER="transaction", API_THREADS=1)
        user = sign_up(api)
        digest = f"/personas/{user.persona().id}/digest/today"
        remix = f"/battles/{write_battle(database, user).id}/remix-intent"
        with blocked(database, "personas, templates") as holder:

            def let_go():
                eventually(lambda: Page(api.metrics()).value("http_requests_in_flight") >= 36)
                holder.rollback()

            # the remixes follow each other: only the last statement that was parsed is kept
            acts = [lambda: user.post("/personas", json=persona_fields()), lambda: user.get(digest)] * 12
            acts += [lambda: user.post(remix)] * 12
            assert Counter(answer.status_code for answer in at_once(let_go, *acts)[1:]) == {200: 24, 201: 12}
        api.stop()
    assert relay.sent["S"] > 12
    assert relay.untimely == 0
    assert relay.sent["P"] < relay.sent["E"], "reads of one part that waited went together, and were parsed once"


def test_the_quota_is_exact_under_parallel_requests(api, database):
    """The persona's lock goes before the rule, in the same transaction:
    a lock taken on another server connection would guard nothing."""
    user, room = sign_up(api), new_room(database)
    persona = user.persona(daily_draft_quota=1)
    answers = in_parallel(50, lambda: user.ask_for_draft(persona, room))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 429: 49}
    assert user.get(f"/rooms/{room.id}/posts").json()["posts"] == [only(answers, 201).json() | {"replies_count": 0}]
    assert database.count("quota_events", persona_id=persona.id) == 1


def test_a_crowd_at_one_persona_gets_its_quota_and_no_more(api, database):
    """As many as there are server connections wait for one row at the same moment."""
    user, room = sign_up(api), new_room(database)
    persona = user.persona(daily_draft_quota=3)
    answers = database.crowd("personas", persona.id, 12, lambda: user.ask_for_draft(persona, room))
    assert Counter(answer.status_code for answer in answers) == {201: 3, 429: 9}


def test_a_statement_that_takes_too_long_is_ended_on_the_server(database, pooler, start):
    hurried = start(Api, pooler.url(database.name), DB_POOLER="transaction", DB_QUERY_TIMEOUT="1s")
    hurried.expect_errors("http_request", "db_error", "query_failed")
    user = sign_up(hurried)
    with blocked(database, "personas"):
        read, write = at_once(lambda: user.get("/personas", timeout=5),
                              lambda: user.post("/personas", json=persona_fields(), timeout=5))
        for answer in (read, write):
            assert (answer.status_code, answer.json()["error"]) == (504, "request timed out")
        eventually(lambda: database.waiting_for_locks() == 0, within=1)
    assert user.get("/personas").json() == {"personas": [], "next_cursor": ""}


def settings_of_statements(database):
    """Keeps the settings that inserts into `personas` run under."""
    database.execute(f"CREATE TABLE settings_seen AS {SETTINGS} LIMIT 0")
    database.execute("GRANT INSERT ON settings_seen TO personaworlds_api")
    database.execute("CREATE FUNCTION see_settings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
                     f"settings_seen {SETTINGS}; RETURN NEW; END $$")
    database.execute("CREATE TRIGGER see_settings BEFORE INSERT ON personas FOR EACH ROW EXECUTE FUNCTION "
                     "see_settings()")


def test_every_statement_runs_under_our_settings_and_nobody_inherits_them(api, database, pooler):
    settings_of_statements(database)
    user = sign_up(api)
    in_parallel(20, user.persona)
    in_parallel(20, lambda: user.get("/rooms"))
    assert database.rows("SELECT DISTINCT * FROM settings_seen") == [
        {"statement_timeout": "5s", "lock_timeout": "5s", "timezone": "UTC", "jit": "off",
         "isolation": "read committed"}]

    left = pooler.on_each_server(database.name, "SELECT pg_backend_pid(), (SELECT count(*) "
                                                f"FROM pg_prepared_statements), s.* FROM ({SETTINGS}) s")
    assert len({pid for pid, *_ in left}) == pooler.size
    assert {tuple(rest) for _, *rest in left} == {(0, "77s", "78s", ELSEWHERE, "on", "read committed")}


def settings_of_an_insert(database, api):
    """All settings of Postgres that an insert into `personas` runs under, by name."""
    database.execute("TRUNCATE all_settings_seen")
    sign_up(api).persona()
    return {row["name"]: row["setting"]
            for row in database.rows("SELECT DISTINCT name, setting FROM all_settings_seen")}


def test_a_pooled_transaction_has_the_settings_of_a_direct_connection(api, database, start):
    """All of them, so that a setting that is added to one of the two ways shows."""
    database.execute("CREATE TABLE all_settings_seen AS SELECT name, setting FROM pg_settings LIMIT 0")
    database.execute("GRANT INSERT ON all_settings_seen TO personaworlds_api")
    database.execute("CREATE FUNCTION see_all_settings() RETURNS trigger LANGUAGE plpgsql AS "
                     "$$ BEGIN INSERT INTO all_settings_seen SELECT name, setting FROM pg_settings; RETURN NEW; END $$")
    database.execute("CREATE TRIGGER see_all_settings BEFORE INSERT ON personas FOR EACH ROW EXECUTE FUNCTION "
                     "see_all_settings()")
    direct, pooled = settings_of_an_insert(database, start(Api, database.url)), settings_of_an_insert(database, api)
    assert direct["enable_seqscan"] == "off" and direct["TimeZone"] == "UTC"
    assert {name: (direct[name], pooled[name]) for name in direct if direct[name] != pooled[name]} == {}


def test_a_killed_pooler_is_an_outage_and_its_return_the_end_of_it(api, database, pooler):
    api.expect_errors("http_request")
    user = sign_up(api)
    pooler.kill()
    try:
        answer = user.get("/rooms")
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1
        eventually(lambda: api.readiness()[0] == 503)
        assert api.readiness()[1]["error"].startswith("database ping failed: ")
    finally:
        pooler.start()
    eventually(api.is_ready, within=5)
    assert user.post("/personas", json=persona_fields()).status_code == 201


def test_without_a_way_past_the_pooler_nothing_migrates(cluster, pooler, empty):
    """An advisory lock of a session is nobody's behind a pooler;
    what can't be done safely says so."""
    url = pooler.url(empty.name)
    for flags in ([], ["--status"]):
        refused = run("migrate", *flags, DATABASE_URL=url, DB_POOLER="transaction")
        assert refused.returncode == 1 and "DATABASE_DIRECT_URL must be set" in refused.stderr
    refused = run("api", DATABASE_URL=url, DB_POOLER="transaction", AUTO_MIGRATE="true")
    assert (refused.returncode == 1 and "startup_failed" in refused.stdout
            and "AUTO_MIGRATE needs DATABASE_DIRECT_URL" in refused.stdout)
    assert empty.value("SELECT count(*) FROM pg_class WHERE relname = 'schema_migrations'") == 0


def test_with_one_migrations_go_past_it(pooler, empty, start):
    api = start(Api, pooler.url(empty.name), DB_POOLER="transaction", DATABASE_DIRECT_URL=empty.url)
    assert run("seed", DATABASE_URL=pooler.url(empty.name), DB_POOLER="transaction").returncode == 0
    assert len(sign_up(api).get("/rooms").json()["rooms"]) > 0


def test_live_events_come_without_a_way_to_listen(start, database, pooler, user):
    """The API looks every two seconds; through another process nothing is told."""
    api = start(Api, pooler.url(database.name), DB_POOLER="transaction", STREAM_LIFE="1h")
    post = write_battle(database, user)
    with Stream(api, post) as stream:
        began = time.monotonic()
        database.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'So it is.')", post.id)
        stream.wait_for("reply")
        assert time.monotonic() - began < 8


def test_a_key_is_the_transactions_and_not_the_server_connections(api, database, pooler):
    """Fifty repetitions have one effect, and no later client of the connections has their key."""
    user = sign_up(api)

    def once():
        answer = user.post("/personas", json=persona_fields(), headers={"Idempotency-Key": "once"})
        return answer.status_code != 409 and answer

    answers = in_parallel(50, lambda: eventually(once, within=20))
    assert {answer.status_code for answer in answers} == {201} and len({answer.content for answer in answers}) == 1
    assert len(user.get("/personas").json()["personas"]) == 1
    for row in pooler.on_each_server(database.name, "SELECT current_setting('personaworlds.idempotency_key', true)"):
        assert row[0] in (None, "")
    in_parallel(8, lambda: user.persona())
    assert database.count("idempotency_keys", user_id=user.id) == 1
