"""`personaworlds roles`, and what `migrate` and the services make of the roles."""
import subprocess

import psycopg
import pytest

from support.people import sign_up
from support.postgres import Cluster
from support.program import MIGRATIONS, Api, Worker, migrate, run
from support.roles import ROLES, as_role
from support.waiting import eventually

FINE, FAILED, USAGE, COULD_NOT_ASK = 0, 1, 3, 4
PROD = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}
ACLS = ("SELECT relname AS name, relacl::text AS acl, pg_get_userbyid(relowner) AS owner FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S') "
        "UNION ALL SELECT relname || '.' || attname, attacl::text, '' "
        "FROM pg_attribute JOIN pg_class c ON c.oid = attrelid "
        "WHERE relnamespace = 'public'::regnamespace AND attacl IS NOT NULL "
        "UNION ALL SELECT nspname, nspacl::text, '' FROM pg_namespace WHERE nspname = 'public' "
        "UNION ALL SELECT 'database', datacl::text, pg_get_userbyid(datdba) FROM pg_database "
        "WHERE datname = current_database() ORDER BY name")


@pytest.fixture(scope="module")
def bare():
    """A cluster as an operator has it: without the roles."""
    with Cluster(roles=[]) as cluster:
        yield cluster


def apply(database, **settings):
    return run("roles", "--apply", DATABASE_OWNER_URL=database.url, **settings)


def psql(url, script):
    return subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url], input=script, capture_output=True, text=True)


def test_the_printed_sql_does_what_apply_does(bare):
    printed, applied = bare.create(), bare.create()
    for database in (printed, applied):
        assert migrate(database).returncode == FINE
    done = psql(printed.url, run("roles").stdout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert apply(applied).returncode == FINE
    assert printed.rows(ACLS) == applied.rows(ACLS)
    owners = {row["owner"] for row in applied.rows(ACLS)} - {""}
    assert owners == {"personaworlds_owner"}
    before = applied.rows(ACLS)
    assert apply(applied).returncode == FINE and applied.rows(ACLS) == before, "a second time changes nothing"
    as_owner = run("roles", "--apply", DATABASE_OWNER_URL=as_role(applied.url, "owner"))
    assert as_owner.returncode == FINE and applied.rows(ACLS) == before, "nor as the owner"


def test_nobody_else_has_a_way_in(bare):
    database = bare.create()
    assert apply(database).returncode == FINE
    database.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(database.url.replace("//postgres:", "//stranger:"))
    with psycopg.connect(as_role(database.url, "worker")) as worker, pytest.raises(
            psycopg.errors.InsufficientPrivilege):
        worker.execute("CREATE TEMPORARY TABLE planted (id int)")


def test_on_an_empty_database_migrate_grants_and_the_services_work(bare):
    """The order of a new installation: roles, then migrations as the owner."""
    database = bare.create()
    assert apply(database).returncode == FINE
    as_owner = {"DATABASE_OWNER_URL": as_role(database.url, "owner"), "DATABASE_URL": as_role(database.url, "api")}
    assert run("migrate", **as_owner).returncode == FINE
    assert run("seed", "--demo", **as_owner).returncode == FINE
    settings = PROD | {"DATABASE_OWNER_URL": None}
    with Api(database.url, **settings) as api, Worker(database.url, **settings):
        ada = sign_up(api)
        assert ada.get("/personas").status_code == 200
    done = run("roles", "--apply", DATABASE_OWNER_URL=as_role(database.url, "owner"))
    assert done.returncode == FINE, done.stderr


def test_services_of_a_former_owner_go_on(bare):
    """An installation whose one role was no superuser: it owned all, and its services run on until
    they are given the new URLs."""
    database = bare.create()
    database.execute("CREATE ROLE app LOGIN")
    database.execute(f"ALTER DATABASE {database.name} OWNER TO app")
    url = database.url.replace("//postgres:", "//app:")
    assert run("migrate", DATABASE_URL=url).returncode == FINE
    with Api(url) as api:
        ada = sign_up(api)
        assert apply(database).returncode == FINE
        owner = database.value("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'users'")
        assert owner == "personaworlds_owner"
        assert ada.get("/personas").status_code == 200
        sign_up(api)


def test_passwords_are_given_as_hashes(bare):
    database = bare.create()
    given = {"DATABASE_ROLE_PASSWORDS": "api:planted:one%,worker:planted-two"}
    assert apply(database, **given).returncode == FINE
    hashes = {row["rolname"]: row["rolpassword"] for row in
              database.rows("SELECT rolname, rolpassword FROM pg_authid WHERE rolname = ANY (%s)", ROLES)}
    assert hashes["personaworlds_ops"] is hashes["personaworlds_owner"] is None
    assert hashes["personaworlds_api"].startswith("SCRAM-SHA-256$")
    hba = bare.data / "pg_hba.conf"
    kept = hba.read_text()
    try:
        hba.write_text("host all personaworlds_api 127.0.0.1/32 scram-sha-256\n" + kept)
        database.execute("SELECT pg_reload_conf()")
        right = as_role(database.url, "api").replace("planted-database-password", "planted:one%25")
        eventually(lambda: refused(right.replace("one", "two")))
        psycopg.connect(right).close()
    finally:
        hba.write_text(kept)
        database.execute("SELECT pg_reload_conf()")


def refused(url):
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False


@pytest.mark.parametrize("passwords", ["planted", "planted:secret", "api:", "api:a,planted", ",", "api"])
def test_passwords_that_cannot_be_read_are_refused_unquoted(bare, passwords):
    done = apply(bare.create(), DATABASE_ROLE_PASSWORDS=passwords)
    assert done.returncode == FAILED and "DATABASE_ROLE_PASSWORDS must be like owner:PASSWORD" in done.stderr
    assert "planted" not in done.stderr + done.stdout


def test_a_table_in_use_is_not_waited_for(bare):
    """It says so, and nothing is changed; the second try works."""
    database = bare.create()
    assert migrate(database).returncode == FINE
    before = database.rows(ACLS)
    with database.connect() as reader, reader.transaction():
        reader.execute("LOCK TABLE jobs IN ACCESS SHARE MODE")
        done = apply(database)
    assert done.returncode == FAILED and "lock timeout" in done.stderr
    assert database.rows(ACLS) == before
    assert apply(database).returncode == FINE


def test_words_it_does_not_know_and_a_database_that_is_away():
    assert run("roles", "--nope").returncode == USAGE
    done = run("roles", "--apply", DATABASE_OWNER_URL="postgres://postgres@127.0.0.1:1/x")
    assert done.returncode == COULD_NOT_ASK and "while connecting" in done.stderr


# ---- migrate


def test_migrate_grants_again(own_database):
    database = own_database
    before = database.rows(ACLS)
    database.execute("REVOKE SELECT ON rooms FROM personaworlds_api")
    database.execute("GRANT SELECT ON users TO personaworlds_worker")
    assert migrate(database).returncode == FINE
    assert database.rows(ACLS) == before


def test_a_column_that_a_migration_will_make_is_in_nobodys_way(own_database):
    """An update begins with the roles: at the schema of the release before."""
    own_database.execute("ALTER TABLE posts DROP COLUMN replies_count CASCADE")
    assert apply(own_database).returncode == 0
    may = "SELECT has_column_privilege('personaworlds_worker', 'posts', %s, 'UPDATE')"
    assert own_database.value(may, "template_id") and not own_database.value(may, "content")


def test_migrate_leaves_a_newer_programs_rights_alone(own_database):
    database = own_database
    database.execute("INSERT INTO schema_migrations (version) VALUES ('999_of_the_next_release.sql')")
    database.execute("GRANT SELECT ON users TO personaworlds_worker")
    before = database.rows(ACLS)
    assert migrate(database).returncode == FINE and database.rows(ACLS) == before


def test_migrate_needs_no_roles_and_no_right_to_grant(bare, own_database):
    database = bare.create()
    assert migrate(database).returncode == FINE
    before = own_database.rows(ACLS)
    done = run("migrate", DATABASE_URL=as_role(own_database.url, "api"))
    assert (done.returncode, done.stdout) == (FINE, "nothing to apply\n") and own_database.rows(ACLS) == before


def test_a_migration_that_the_role_may_not_apply_says_so(own_database):
    own_database.execute("DELETE FROM schema_migrations WHERE version = %s", MIGRATIONS[-1])
    done = run("migrate", DATABASE_URL=as_role(own_database.url, "api"))
    assert done.returncode == FAILED and MIGRATIONS[-1] in done.stderr
    assert "must be owner" in done.stderr or "permission denied" in done.stderr


# ---- a superuser


@pytest.fixture
def boss(own_database):
    own_database.execute("CREATE ROLE boss LOGIN SUPERUSER")
    yield own_database.url.replace("//postgres:", "//boss:")
    own_database.execute("DROP ROLE boss")


@pytest.mark.parametrize("kind", [Api, Worker])
def test_prod_refuses_a_superuser(kind, boss):
    service = kind(boss, **PROD).launch()
    service.expect_errors("startup_failed")
    line = service.log.wait_for("startup_failed", within=20)
    assert line["step"] == "config" and "DATABASE_URL logs in as a superuser" in line["error"]
    assert "personaworlds roles --apply" in line["error"]
    service.wait_for_end(code=1)


@pytest.mark.parametrize("kind", [Api, Worker])
def test_elsewhere_a_superuser_is_a_warning(kind, boss):
    with kind(boss) as service:
        line = service.log.wait_for("database_superuser")
        assert line["level"] == "warn" and "superuser" in line["error"]
        assert service.is_ready()
    assert len(service.log.find("database_superuser")) == 1


def test_a_role_of_ours_is_no_warning(own_database):
    with Api(own_database.url, **PROD) as api:
        api.log.wait_for("ready")
    assert not api.log.find("database_superuser")


def test_doctor_tells_of_a_superuser(boss):
    done = run("doctor", "roles", DATABASE_URL=boss)
    assert done.returncode == 2 and "DATABASE_URL logs in as a superuser" in done.stdout
    done = run("doctor", "roles", DATABASE_URL=boss, APP_ENV="prod")
    assert done.returncode == 1 and "no service starts" in done.stdout
