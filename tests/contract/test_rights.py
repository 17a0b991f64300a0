"""What the database's roles may do: the program's one table against the catalogue and against the
statements, and by trying."""
import collections
import re

import psycopg
import pytest

from support.program import CHECKOUT, run
from support.roles import as_role
from support.statements import NAMES, embed, numbered_anew, parts_of, text_of

SOURCES = CHECKOUT / "backend/src"
SERVICES = {"api": {"api"}, "worker": {"worker"}, "service": {"api", "worker"}, "sys": {"api", "worker"}}
OF_THE_OWNER = ("ops/seed/", "ops/up/", "ops/migrate/", "ops/roles/", "service/migrate", "service/rights.")
OF_THE_RELEASE_BEFORE = {"persona_digest_answers"}  # a view that no role reads
ROLES = ["api", "worker", "ops"]
PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
REFUSED = psycopg.errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def script():
    return run("roles").stdout


@pytest.fixture
def login(database):
    """A session of a role in a transaction that is undone."""
    sessions = []

    def log_in(role):
        sessions.append(psycopg.connect(as_role(database.url, role)))
        return sessions[-1]

    yield log_in
    for session in sessions:
        session.close()


# ---- the table against the catalogue


def granted(script):
    """(role, table, privilege) -> columns; None: all of them."""
    found = {}
    for what, table, role in re.findall(r"^GRANT (.*) ON (\w+) TO personaworlds_(\w+);$", script, re.MULTILINE):
        for privilege, columns in re.findall(r"(\w+)(?: \(([^)]*)\))?(?:, |$)", what):
            found[role, table, privilege.upper()] = set(columns.split(", ")) if columns else None
    return found


def tables_of(database):
    return {row["name"] for row in
            database.rows("SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                          "AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition")}


def test_every_table_has_a_row(script, database):
    rows = re.findall(r"^REVOKE ALL ON (\w+) FROM PUBLIC, ", script, re.MULTILINE)
    assert len(rows) == len(set(rows)) and set(rows) == tables_of(database) - OF_THE_RELEASE_BEFORE


@pytest.mark.parametrize("role", ROLES)
def test_the_catalogue_has_what_the_table_says_and_no_more(script, database, role):
    there = collections.defaultdict(set)
    for row in database.rows(
            "SELECT relname AS name, attname AS col, privilege, "
            "has_column_privilege(%s, c.oid, attnum, privilege) AS may "
            "FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped, "
            "unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]) privilege "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')", f"personaworlds_{role}"):
        there[row["name"], row["privilege"]] |= {row["col"]} if row["may"] else set()
    all_columns = collections.defaultdict(set)
    for row in database.rows("SELECT relname AS name, attname AS col FROM pg_class c "
                             "JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 "
                             "WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped"):
        all_columns[row["name"]].add(row["col"])
    wanted = {(table, privilege): columns or all_columns[table]
              for (whose, table, privilege), columns in granted(script).items() if whose == role}
    columns = {key: value for key, value in there.items() if value}
    assert columns == {key: value for key, value in wanted.items() if key[1] != "DELETE"}
    rows = database.rows("SELECT relname AS name, privilege FROM pg_class c, "
                         "unnest('{DELETE,TRUNCATE,TRIGGER}'::text[]) privilege "
                         "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') "
                         "AND has_table_privilege(%s, c.oid, privilege)", f"personaworlds_{role}")
    assert {(row["name"], row["privilege"]) for row in rows} == {key for key in wanted if key[1] == "DELETE"}


@pytest.mark.parametrize("role", ["owner", *ROLES])
def test_no_role_is_more_than_a_login(database, role):
    row = database.row("SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolcanlogin "
                       "FROM pg_roles WHERE rolname = %s", f"personaworlds_{role}")
    assert row == dict.fromkeys(row, False) | {"rolcanlogin": True}


# ---- the table against the statements


def roles_of_statements():
    """Who runs a statement: by the sources that name it; what goes before it, too."""
    used = collections.defaultdict(set)
    for path in SOURCES.rglob("*.[ch]"):
        place = str(path.relative_to(SOURCES))
        who = set() if place.startswith(OF_THE_OWNER) else {"ops"} if place.startswith("ops/") else SERVICES.get(
            place.split("/")[0], set())
        for constant in re.findall(r"\bSQL_[A-Z0-9_]+\b", path.read_text()):
            used[constant] |= who
    found = {name: set(used[embed.constant(name)]) for name in NAMES}
    for name in NAMES:
        first = re.search(r"^-- first: (\S+)$", embed.contract_of(text_of(name)), re.MULTILINE)
        if first:
            found[first[1]] |= found[name]
    return [(name, role) for name, roles in found.items() for role in sorted(roles)]


STATEMENTS = roles_of_statements()


def test_there_are_statements_of_every_role():
    assert {("rooms/list", "api"), ("users/lock", "api"), ("jobs/claim", "worker"), ("queue/retry", "ops"),
            ("health/ready", "worker")} <= set(STATEMENTS)
    assert not [name for name, _ in STATEMENTS if name.startswith(("migrate/", "seed/", "roles/"))]


@pytest.mark.parametrize("name, role", STATEMENTS)
def test_a_role_may_run_its_statements(name, role, login):
    """A plan is made for those alone who may use all that it names. What functions and triggers
    do shows when they run: the services of all tests log in as their roles."""
    session = login(role)
    for _, code in parts_of(name):
        if not re.match(r"SET|LISTEN", code):
            code, used = numbered_anew(code)
            session.execute(f"PREPARE statement AS {code}")
            session.execute("EXPLAIN EXECUTE statement" + (f"({', '.join(['NULL'] * len(used))})" if used else ""))
            session.execute("DEALLOCATE statement")


# ---- by trying


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("attempt", [
    "DROP TABLE events", "TRUNCATE events", "ALTER TABLE users ADD COLUMN planted text",
    "CREATE TABLE planted (id int)",
    "CREATE FUNCTION planted() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE INDEX ON users (email)",
    "ALTER TABLE users DISABLE TRIGGER ALL", "CREATE ROLE planted SUPERUSER",
    "ALTER ROLE personaworlds_owner PASSWORD 'x'",
    "SET ROLE personaworlds_owner", "COPY users TO PROGRAM 'cat'",
    "SELECT pg_read_file('PG_VERSION')", "SELECT * FROM pg_authid",
    "INSERT INTO schema_migrations (version) VALUES ('999_planted.sql')", "UPDATE schema_migrations SET version = 'x'",
    "DELETE FROM schema_migrations"])
def test_no_role_may(login, role, attempt):
    with pytest.raises(REFUSED):
        login(role).execute(attempt)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_gives_its_rights_away(login, database, role):
    """Postgres warns, and does nothing."""
    acl = "SELECT relacl::text FROM pg_class WHERE relname = 'users'"
    before = database.value(acl)
    with login(role) as session:
        session.execute("GRANT SELECT (id) ON users TO PUBLIC")
    assert database.value(acl) == before


@pytest.mark.parametrize("role", ["worker", "ops"])
@pytest.mark.parametrize("attempt", [
    "SELECT password_hash FROM users", "SELECT * FROM users", "SELECT u FROM users u", "TABLE users",
    "SELECT id FROM users WHERE password_hash LIKE '$%'", "SELECT id FROM users ORDER BY password_hash",
    "SELECT to_jsonb(u) FROM users u", "COPY users TO STDOUT", "UPDATE users SET password_hash = 'x'",
    "UPDATE users SET weekly_due_at = now() RETURNING password_hash", "SELECT user_agent FROM sessions",
    "SELECT * FROM account_networks", "INSERT INTO users (email, password_hash) VALUES ('a@b.example', 'x')",
    "INSERT INTO administrators (user_id) SELECT id FROM users",
    "UPDATE sessions SET expires_at = now() + interval '1 year'"])
def test_only_the_api_knows_how_people_log_in(login, role, attempt):
    if role == "ops" and "administrators" in attempt:
        return  # `personaworlds admin grant`
    with pytest.raises(REFUSED):
        login(role).execute(attempt)


@pytest.mark.parametrize("attempt", [
    "INSERT INTO administrators (user_id) SELECT id FROM users",
    "INSERT INTO replies (post_id, content) SELECT id, '' FROM posts",
    "UPDATE settings SET value = 'x'", "DELETE FROM events", "DELETE FROM jobs", "DELETE FROM users",
    "UPDATE jobs SET status = 'DONE'", "DELETE FROM blocked_addresses"])
def test_the_api_may_not_do_the_work_of_others(login, attempt):
    with pytest.raises(REFUSED):
        login("api").execute(attempt)


def test_the_tests_services_log_in_as_their_roles(database, api, worker):
    row = database.rows("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() "
                        "AND application_name LIKE 'personaworlds%%' AND usename <> 'postgres'")
    assert {one["usename"] for one in row} == {"personaworlds_api", "personaworlds_worker"}


def test_operators_see_and_end_the_sessions_of_services(api, login):
    found = login("ops").execute("SELECT pid, query FROM pg_stat_activity "
                                 "WHERE usename = 'personaworlds_api'").fetchall()
    assert found and all("insufficient privilege" not in query for _, query in found)
    assert login("ops").execute("SELECT pg_terminate_backend(%s)", [found[0][0]]).fetchone() == (True,)
