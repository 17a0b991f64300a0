"""`triage` beside a database that answers, and doesn't do what it is told: real services, real
faults. Whatever clients see of it, the finding is the database's."""
import contextlib
import signal
import subprocess
import threading

import psycopg
import pytest

from fakes.service import FakeService
from support.drill import DrillApi, DrillWorker
from support.people import persona_fields, sign_up
from support.ports import free_port
from support.postgres import Cluster
from support.program import binary, environment, prepared
from support.roles import as_role
from support.triage import finding, found, look, status, triage
from support.waiting import eventually


@pytest.fixture(scope="module")
def cluster():
    """Of this file's own: to be set, and to run out of connections."""
    with Cluster(max_connections=40) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def template(cluster):
    return prepared(cluster)


@pytest.fixture
def database(cluster, template):
    database = cluster.create(template.name)
    yield database
    database.drop()


@pytest.fixture
def stack(database):
    """Whose errors are what the tests are about."""
    with DrillApi(database.url, DB_POOL_SIZE=3) as api, DrillWorker(database.url, DB_POOL_SIZE=3) as worker:
        yield Stack(database, api, worker)


class Stack:
    def __init__(self, database, api, worker):
        self.database, self.api, self.worker = database, api, worker
        self.where = {"DATABASE_URL": database.url, "api": f"http://127.0.0.1:{api.port}",
                      "worker": f"http://127.0.0.1:{worker.port}"}

    @contextlib.contextmanager
    def asked(self, act):
        """`act` is done again and again meanwhile."""
        over = threading.Event()

        def ask():
            while not over.wait(0.05):
                act()

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield
        finally:
            over.set()
            asking.join(30)


def first(seen):
    assert seen["findings"], seen
    return seen["findings"][0]


# --- what Postgres refuses


FAILS = """CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '%s'; END$$;
    CREATE TRIGGER fails BEFORE INSERT ON personas FOR EACH ROW EXECUTE FUNCTION fail();
    GRANT EXECUTE ON FUNCTION fail TO PUBLIC"""


@pytest.mark.parametrize("sqlstate, id", [
    ("53100", "resources_exhausted"), ("53200", "resources_exhausted"), ("25006", "database_read_only"),
    ("42703", "statements_refused"), ("57014", "statements_ended"), ("58030", "database_faulty"),
    ("XX001", "database_faulty")])
def test_statements_that_fail_are_told_by_their_class_and_explain_the_5xx(stack, sqlstate, id):
    user = sign_up(stack.api)
    stack.api.client.event_hooks = {}  # the document promises no 500
    stack.database.execute(FAILS % sqlstate)
    with stack.asked(lambda: user.post("/personas", json=persona_fields())):
        seen = look(sample="1s", **stack.where)
    assert first(seen)["id"] == id  # a busy machine may be slow besides
    assert f"class {sqlstate[:2]}" in first(seen)["evidence"]
    assert status(seen, "errors_5xx") == "unknown" and status(seen, "errors_after_start") == "ok"


def test_read_only_by_a_setting_and_the_commands_undo_it(cluster, stack):
    with contextlib.closing(psycopg.connect(cluster.url(), autocommit=True)) as root:
        root.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        root.execute("SELECT pg_reload_conf()")
        try:
            eventually(lambda: stack.api.readiness()[0] == stack.worker.readiness()[0] == 503)
            seen = look(**stack.where)
            assert found(seen) == ["database_read_only"]
            assert "default_transaction_read_only is on" in first(seen)["evidence"]
            for command in first(seen)["commands"][:2]:
                in_shell(command, stack.database)
            eventually(lambda: stack.api.readiness()[0] == stack.worker.readiness()[0] == 200)
            eventually(lambda: found(look(**stack.where)) == [])
        finally:
            root.execute("SET default_transaction_read_only = off")
            root.execute("ALTER SYSTEM RESET default_transaction_read_only")
            root.execute("SELECT pg_reload_conf()")


def test_a_role_that_is_to_read_only_is_no_read_only_database(stack):
    stack.database.execute("ALTER ROLE personaworlds_ops SET default_transaction_read_only = on")
    try:
        assert found(look(**stack.where)) == []
    finally:
        stack.database.execute("ALTER ROLE personaworlds_ops RESET default_transaction_read_only")


# --- schema and rights


def test_a_column_that_is_gone_is_named(stack):
    user = sign_up(stack.api)
    stack.database.execute("ALTER TABLE notifications RENAME read_at TO seen_at")
    eventually(lambda: stack.api.readiness()[0] == 503)
    with stack.asked(lambda: user.get("/notifications")):
        seen = look(sample="1s", **stack.where)
    assert found(seen) == ["schema_damaged"]
    assert "column notifications.read_at" in first(seen)["evidence"]


def test_a_role_without_rights_is_no_empty_schema(stack):
    stack.database.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM personaworlds_ops")
    seen = look(**stack.where)
    assert found(seen) == ["rights_missing"]
    assert "permission denied for table" in first(seen)["evidence"]
    assert status(seen, "migrations_pending") == "unknown"
    for command in first(seen)["commands"]:
        assert "personaworlds roles --apply" in command
        in_shell(command, stack.database)
    assert found(look(**stack.where)) == []


def test_a_service_without_rights_is_named_and_the_command_grants_them(stack):
    stack.database.execute("REVOKE INSERT ON posts FROM personaworlds_api")
    eventually(lambda: stack.api.readiness()[0] == 503)
    one = finding(look(**stack.where), "rights_missing")
    assert "missing rights: no insert on posts" in one["evidence"]
    in_shell(one["commands"][0], stack.database)
    eventually(lambda: stack.api.readiness()[0] == 200)


# --- who doesn't get in


def in_shell(command, database):
    """As the operator, who has the program in the PATH."""
    shell = f"personaworlds() {{ {binary()} \"$@\"; }}\n{command}"
    return subprocess.run(["bash", "-euc", shell], capture_output=True, text=True, timeout=60, check=True,
                          env=environment(DATABASE_URL=as_role(database.url, "ops"), DATABASE_OWNER_URL=database.url))


def all_connections(database, root):
    """Of the operators' role, until the server has none left for it."""
    for _ in range(60):
        try:
            root.enter_context(contextlib.closing(psycopg.connect(as_role(database.url, "ops"), autocommit=True,
                                                                  application_name="a forgotten script")))
        except psycopg.OperationalError:
            return
    raise AssertionError("there is no end to its connections")


def test_connections_that_are_used_up_are_counted_by_holder_and_the_command_frees_them(stack):
    with contextlib.ExitStack() as root:
        all_connections(stack.database, root)
        seen = look(**stack.where)
        assert found(seen) == ["connections_exhausted"]
        one = first(seen)
        assert "of a forgotten script (idle" in one["evidence"] and "of 40 are used" in one["evidence"]
        for command in one["commands"][:2]:
            in_shell(command, stack.database)
        eventually(lambda: found(look(**stack.where)) == [])


def test_connections_that_are_used_up_when_nobody_is_let_in(stack, well):
    """Not even the owner: then who has them is unknown, and said to be."""
    with contextlib.ExitStack() as root:
        all_connections(stack.database, root)
        where = stack.where | {"DATABASE_OWNER_URL": as_role(stack.database.url, "ops")}
        with FakeService(ready="database ping failed: sorry, too many clients already") as api:
            seen = look(**where | {"api": api.url, "worker": well})
    assert found(seen) == ["connections_exhausted"]
    assert "who holds them is unknown" in first(seen)["evidence"]
    assert status(seen, "database_unreachable") == "unknown"


def test_a_role_that_may_not_connect_is_no_postgres_that_does_not_answer(database, well):
    database.execute(f"REVOKE CONNECT ON DATABASE {database.name} FROM PUBLIC, personaworlds_ops")
    with FakeService(ready="shutting down") as api:
        seen = look(api=api.url, worker=well, DATABASE_URL=database.url)
    assert found(seen) == ["database_credentials", "api_not_ready"]
    assert "permission denied for database" in first(seen)["evidence"]


@pytest.mark.parametrize("wrong", ["database", "host"])
def test_a_name_that_does_not_exist_is_no_postgres_that_does_not_answer(cluster, well, wrong):
    url = cluster.url("no_such") if wrong == "database" else "postgres://x@no-such-host.invalid/x?sslmode=disable"
    with FakeService(ready="migrations pending: applied=1 expected=2") as api:
        seen = look(api=api.url, worker=well, DATABASE_URL=url)
    assert "database_misnamed" in found(seen) and "database_unreachable" not in found(seen)
    assert not any("up -d postgres" in command for one in seen["findings"] for command in one["commands"])


def test_a_ready_api_beside_a_database_that_cannot_be_reached_is_a_warning(stack):
    nowhere = f"postgres://postgres@127.0.0.1:{free_port()}/x?sslmode=disable"
    done = triage(**stack.where | {"DATABASE_URL": nowhere})
    assert done.returncode == 2
    assert "1. DATABASE_URL here isn't the services' database" in done.stdout and "a warning" in done.stdout


def test_a_worker_that_cannot_claim_says_so(stack):
    stack.database.execute("""CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'planted'; END$$;
        CREATE TRIGGER fails BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION fail();
        INSERT INTO jobs (job_type) VALUES ('summarize_thread'); NOTIFY jobs""")
    eventually(lambda: stack.worker.readiness()[0] == 503, within=20)
    one = finding(look(**stack.where), "worker_not_ready")
    assert "1 of 1 worker: " in one["evidence"] and "queue can't be claimed" in one["evidence"]


# --- some of several


def test_one_of_three_workers_is_down_and_the_other_two_serve(stack, well):
    gone = f"http://127.0.0.1:{free_port()}"
    seen = look("--worker", well, "--worker", gone, **stack.where)
    one = finding(seen, "worker_down")
    assert one["evidence"].startswith("1 of 3 workers: ") and gone in one["evidence"]


def test_a_hung_worker_beside_others(stack, well):
    stack.worker.interrupt(signal.SIGSTOP)
    try:
        one = finding(look("--worker", well, **stack.where), "worker_down")
    finally:
        stack.worker.interrupt(signal.SIGCONT)
    assert one["evidence"].startswith("1 of 2 workers: ")


def test_who_others_stand_in_for_comes_after_what_hurts(stack, well):
    """An index is missing, and one of two APIs is down: the API alone would come first."""
    gone = f"http://127.0.0.1:{free_port()}"
    stack.database.execute("DROP INDEX jobs_due")
    seen = look(**stack.where | {"api": [stack.where["api"], gone]})
    assert found(seen) == ["index_missing", "api_down"]
    assert seen["findings"][1]["evidence"].startswith("1 of 2 APIs: ")
    assert found(look(**stack.where | {"api": gone})) == ["api_down", "index_missing"]
