"""migrate mends its own book-keeping: a migration whose row was lost is recorded anew where all of it is there,
and an index whose build was cut off is built again."""
import importlib
import threading

import psycopg
import pytest

from support.program import CHECKOUT, MIGRATIONS, Api, migrate
from support.waiting import eventually, in_parallel

INDEX = "017_jobs_by_user.sql"
# Run again, they change nothing.
WITHOUT_OBJECTS = ["047_templates_by_owner.sql", "050_room_posts_before.sql", "062_events_by_day.sql",
                   "063_activity_by_day.sql", "064_quota_by_day.sql", "065_notifications_by_month.sql"]
SCHEMA = """
    SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM (
        SELECT 'function ' || proname || ' ' || md5(prosrc) AS line FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'relation ' || c.relname || ' ' || coalesce(string_agg(a.attname, ',' ORDER BY attnum), '')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace GROUP BY c.oid, c.relname
        UNION ALL SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint) lines"""


def forget(database, like):
    database.execute("DELETE FROM schema_migrations WHERE version LIKE %s", like)


def versions(database):
    return [row["version"] for row in database.rows("SELECT version FROM schema_migrations ORDER BY version")]


def make_invalid(database, index):
    """As a CREATE INDEX CONCURRENTLY that was cut off leaves it."""
    database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", index)


def is_valid(database, index):
    return database.value("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", index)


@pytest.mark.parametrize("first", range(3))
def test_each_lost_row_is_recorded_anew_and_nothing_else_changes(own_database, first):
    before, lost = own_database.value(SCHEMA), MIGRATIONS[first::3]
    for version in lost:
        forget(own_database, version)
    done = migrate(own_database)
    assert done.returncode == 0 and done.stdout.splitlines() == [
        f"applied {version}" if version in WITHOUT_OBJECTS else f"marked as applied, as all of it is there: {version}"
        for version in lost]
    assert own_database.value(SCHEMA) == before and versions(own_database) == MIGRATIONS


def test_a_lost_table_of_versions_is_made_anew(own_database):
    before = own_database.value(SCHEMA)
    own_database.execute("DROP TABLE schema_migrations")
    done = migrate(own_database)
    assert done.returncode == 0 and done.stdout.count("marked as applied") == len(MIGRATIONS) - len(WITHOUT_OBJECTS)
    assert versions(own_database) == MIGRATIONS and migrate(own_database).stdout == "nothing to apply\n"
    assert own_database.value("SELECT count(*) FROM schema_migrations WHERE checksum IS NULL") == 0
    assert own_database.value(SCHEMA.replace("lines", "lines WHERE line NOT LIKE '%%schema_migrations%%'")
                              ) == "\n".join(line for line in before.splitlines() if "schema_migrations" not in line)


def test_on_an_empty_database_nothing_is_taken_for_there(empty):
    done = migrate(empty)
    assert done.returncode == 0 and "marked" not in done.stdout
    assert done.stdout.splitlines() == [f"applied {version}" for version in MIGRATIONS]


@pytest.mark.parametrize("forgotten, damage, missing", [
    ("018%", "DROP TABLE blocked_addresses", "table blocked_addresses"),
    ("020%", "ALTER TABLE templates DROP COLUMN rules_preview", "column templates.rules_preview"),
    ("053%", "DROP TRIGGER replies_count_old ON replies", "trigger replies.replies_count_old"),
    ("024%", "CREATE OR REPLACE FUNCTION recount_events() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$",
     "function recount_events"),
    ("030%", "DROP INDEX sessions_by_expiry", "index sessions_by_expiry"),
], ids=lambda value: value.split()[0] if " " in value else "")
def test_what_is_half_there_is_named_and_left_alone(own_database, forgotten, damage, missing):
    own_database.execute(damage)
    forget(own_database, forgotten)
    before = own_database.value(SCHEMA)
    done = migrate(own_database)
    assert done.returncode == 1 and "isn't recorded as applied, and a part of it is there" in done.stderr
    assert missing in done.stderr, done.stderr
    assert own_database.value(SCHEMA) == before and len(versions(own_database)) == len(MIGRATIONS) - 1


def test_an_index_whose_build_was_cut_off_is_built_again(own_database):
    make_invalid(own_database, "jobs_by_user")
    forget(own_database, INDEX)
    done = in_parallel(3, lambda: migrate(own_database))
    assert [each.returncode for each in done] == [0] * 3, done
    assert sorted(each.stdout for each in done) == [f"applied {INDEX}\n"] + ["nothing to apply\n"] * 2
    assert is_valid(own_database, "jobs_by_user")


def test_an_index_that_somebody_builds_just_now_is_left_to_them(own_database):
    """Their build waits for a transaction that is older."""
    own_database.execute("DROP INDEX jobs_by_user")
    forget(own_database, INDEX)
    builder = psycopg.connect(own_database.url, autocommit=True)
    with psycopg.connect(own_database.url) as holder:
        holder.execute("LOCK TABLE jobs IN ROW EXCLUSIVE MODE")
        building = threading.Thread(target=builder.execute, args=[
            "CREATE INDEX CONCURRENTLY jobs_by_user ON jobs (user_id) WHERE user_id IS NOT NULL"])
        building.start()
        eventually(lambda: own_database.value("SELECT count(*) FROM pg_stat_progress_create_index "
                                              "WHERE index_relid = to_regclass('jobs_by_user')") == 1)
        done = migrate(own_database)
        holder.rollback()
    building.join()
    builder.close()
    assert done.returncode == 1 and "builds its index just now" in done.stderr, done
    assert migrate(own_database).stdout == f"marked as applied, as all of it is there: {INDEX}\n"


@pytest.mark.parametrize("is_invalid", [False, True], ids=["row lost", "build cut off"])
def test_a_service_that_migrates_mends_it_as_well(own_database, is_invalid):
    if is_invalid:
        make_invalid(own_database, "jobs_by_user")
    forget(own_database, INDEX)
    with Api(own_database.url, AUTO_MIGRATE=1) as api:
        api.log.wait_for("migration_applied" if is_invalid else "migration_marked", version=INDEX)
    assert versions(own_database) == MIGRATIONS and is_valid(own_database, "jobs_by_user")


def test_a_service_waits_for_who_looks_where_a_migration_is_half_there(own_database):
    own_database.execute("DROP TABLE blocked_addresses CASCADE")
    forget(own_database, "018%")
    api = Api(own_database.url, AUTO_MIGRATE=1).launch()
    api.expect_errors("migration_half_there", "not_ready", "http_request")
    try:
        line = api.log.wait_for("migration_half_there")
        assert "blocked_addresses" in line["error"]
        answer = api.client.get("/readyz")
        assert answer.status_code == 503 and api.process.poll() is None, answer.text
    finally:
        api.stop()


def test_the_table_of_objects_leaves_out_what_proves_nothing(monkeypatch):
    monkeypatch.syspath_prepend(CHECKOUT / "backend/tools")
    made = importlib.import_module("made_objects").made_objects
    first = "CREATE TABLE a (x int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$; CREATE TRIGGER t " \
            "BEFORE INSERT ON a EXECUTE FUNCTION g();"
    second = "ALTER TABLE a ADD COLUMN y int, ADD CONSTRAINT c CHECK (true); DROP TRIGGER t ON a; CREATE TRIGGER t " \
             "AFTER INSERT ON a EXECUTE FUNCTION g(); CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS " \
             "$$SELECT 2$$;"
    third = "ALTER TABLE a RENAME COLUMN y TO z; CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS " \
            "$$SELECT 3$$;"
    rows = [(number, kind, name) for number, kind, name, _ in made([first, second, third])]
    assert rows == [(0, "table", "a"), (0, "column", "x"), (0, "function", "f"), (1, "constraint", "c"),
                    (1, "function", "f"), (2, "function", "f")]
    bodies = [of.count(",") for number, kind, _, of in made([first, second, third]) if kind == "function" and number]
    assert bodies == [1, 0]
