"""The subcommands that end by themselves."""
import pytest

from support.ports import free_port
from support.program import MIGRATIONS, Api, migrate, run
from support.waiting import in_parallel

SUBCOMMANDS = ["up", "api", "worker", "migrate", "seed", "settings", "triage"]


def applied(database):
    return [row["version"] for row in database.rows("SELECT version FROM schema_migrations ORDER BY version")]


def test_help_names_every_subcommand():
    done = run("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in SUBCOMMANDS)


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_has_help_and_version(subcommand):
    done = run(subcommand, "--help")
    assert done.returncode == 0 and subcommand in done.stdout
    assert run(subcommand, "--version").stdout == run("--version").stdout


def test_the_version_is_one_line():
    done = run("--version")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1 and "0." in done.stdout


@pytest.mark.parametrize("arguments", [["--nope"], ["nope"], ["api", "--nope"], ["worker", "-x"], ["migrate", "--nope"],
                                       ["migrate", "extra"], ["seed", "--nope"],
                                       ["up", "--nope"], ["settings", "--nope"], ["triage", "--nope"],
                                       ["triage", "nope"], ["migrate", "--status", "--nope"], ["api", "extra"]])
def test_what_it_does_not_know_is_exit_3_with_usage_on_stderr(arguments):
    done = run(*arguments)
    assert done.returncode == 3
    assert "usage" in done.stderr.lower() and done.stdout == ""


@pytest.mark.parametrize("arguments", [
    ["migrate"], ["migrate", "--status"], ["seed"], ["settings", "list"], ["settings", "set", "llm.provider", "mock"],
    ["settings", "unset", "llm.provider"],
    ["queue", "status"], ["queue", "retry", "--type", "generate_reply"], ["block", "list"], ["admin", "list"],
    ["digest", "rebuild", "--stale"]], ids=" ".join)
def test_a_database_that_cannot_be_asked_is_exit_4(arguments):
    done = run(*arguments, DATABASE_URL=f"postgres://postgres@127.0.0.1:{free_port()}/x")
    assert done.returncode == 4 and "refused" in done.stderr.lower()


def test_migrate_applies_every_file_once_in_order(empty):
    assert migrate(empty).returncode == 0
    assert applied(empty) == MIGRATIONS
    times = empty.rows("SELECT applied_at FROM schema_migrations")
    assert migrate(empty).returncode == 0
    assert empty.rows("SELECT applied_at FROM schema_migrations") == times


def test_migrate_status_tells_what_is_applied_and_changes_nothing(empty):
    before = migrate(empty, "--status")
    assert before.returncode in (0, 1)
    assert all(name in before.stdout for name in MIGRATIONS) and "pending" in before.stdout.lower()
    assert empty.value("SELECT to_regclass('personas') IS NULL")
    migrate(empty)
    after = migrate(empty, "--status")
    assert after.returncode == 0
    assert all(name in after.stdout for name in MIGRATIONS) and "pending" not in after.stdout.lower()


def test_many_migrates_at_once_are_safe(empty):
    done = in_parallel(5, lambda: migrate(empty))
    assert [each.returncode for each in done] == [0] * 5, [each.stdout + each.stderr for each in done]
    assert applied(empty) == MIGRATIONS


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)
    return folder


def test_migrations_from_a_folder(empty, tmp_path):
    write(tmp_path, **{"001_one": "CREATE TABLE one (a int);",
                       "002_two": "CREATE TABLE two (a int); INSERT INTO two VALUES (2);"})
    assert migrate(empty, MIGRATIONS_DIR=tmp_path).returncode == 0
    assert applied(empty) == ["001_one.sql", "002_two.sql"]
    assert empty.value("SELECT a FROM two") == 2


def test_a_file_that_changed_after_it_was_applied_is_named(empty, tmp_path):
    write(tmp_path, **{"001_one": "CREATE TABLE one (a int);", "002_two": "CREATE TABLE two (a int);"})
    migrate(empty, MIGRATIONS_DIR=tmp_path)
    write(tmp_path, **{"002_two": "CREATE TABLE two (a int, b int);", "003_three": "CREATE TABLE three (a int);"})
    done = migrate(empty, MIGRATIONS_DIR=tmp_path)
    assert done.returncode != 0
    assert "002_two.sql" in done.stdout + done.stderr
    assert applied(empty) == ["001_one.sql", "002_two.sql"]


def test_a_migration_that_fails_leaves_nothing_of_itself(empty, tmp_path):
    write(tmp_path, **{"001_one": "CREATE TABLE one (a int);", "002_two": "CREATE TABLE two (a int); SELECT nonsense;",
                       "003_three": "CREATE TABLE three (a int);"})
    done = migrate(empty, MIGRATIONS_DIR=tmp_path)
    assert done.returncode != 0 and "002_two.sql" in done.stdout + done.stderr
    assert applied(empty) == ["001_one.sql"]
    assert empty.value("SELECT to_regclass('two') IS NULL AND to_regclass('three') IS NULL")


def test_versions_that_the_program_does_not_know_are_fine(empty):
    migrate(empty)
    empty.execute("INSERT INTO schema_migrations (version) VALUES ('999_of_the_next_release.sql')")
    assert migrate(empty).returncode == 0
    with Api(empty.url) as api:
        assert api.readiness() == (200, {"ok": True})


def test_migrate_without_a_database_says_why():
    done = run("migrate", DATABASE_URL=f"postgres://postgres:planted-secret@127.0.0.1:{free_port()}/x?sslmode=disable")
    assert done.returncode != 0
    assert "refused" in done.stdout + done.stderr and "planted-secret" not in done.stdout + done.stderr


def everything(database):
    tables = ["users", "personas", "rooms", "posts", "replies", "jobs", "templates", "events", "persona_follows",
              "persona_public_profiles", "notifications"]
    return {table: database.count(table) for table in tables}


def test_seed_makes_the_four_rooms_once(empty):
    migrate(empty)
    for _ in range(2):
        assert run("seed", DATABASE_URL=empty.url).returncode == 0
        rooms = empty.rows("SELECT slug, description FROM rooms ORDER BY slug")
        assert [room["slug"] for room in rooms] == ["ai-builders", "cybersecurity", "game-dev", "go-backend"]
        assert all(room["description"] for room in rooms)


def test_seed_demo_makes_something_to_show_once(empty):
    migrate(empty)
    assert run("seed", "--demo", DATABASE_URL=empty.url).returncode == 0
    first = everything(empty)
    assert (first["users"], first["personas"]) == (2, 4)
    assert all(first[table] for table in ("posts", "replies", "events", "persona_follows"))
    assert run("seed", "--demo", DATABASE_URL=empty.url).returncode == 0
    assert everything(empty) == first


def test_parallel_seeds_are_safe(empty):
    migrate(empty)
    done = in_parallel(4, lambda: run("seed", "--demo", DATABASE_URL=empty.url))
    assert [each.returncode for each in done] == [0] * 4
    assert (empty.count("rooms"), empty.count("users")) == (4, 2)
