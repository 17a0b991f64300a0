"""embed.py holds a statement's declared line `-- writes` against its text."""
import subprocess
import sys

import pytest

from support.program import CHECKOUT

EMBED = CHECKOUT / "backend" / "tools" / "embed.py"
MIGRATION = """
CREATE FUNCTION shape(x int) RETURNS int LANGUAGE sql AS $$
    SELECT x -- never an UPDATE
$$;
CREATE FUNCTION keep(x int) RETURNS int LANGUAGE sql AS $$
    UPDATE t SET x = x RETURNING 1
$$;
CREATE OR REPLACE FUNCTION keep_all() RETURNS int LANGUAGE sql AS $$
    SELECT keep(1)
$$;
"""
READS = ["SELECT 1", "SELECT shape(1)", "SELECT 'DELETE', 'it''s an UPDATE'", "SELECT updated_at, for_update FROM t",
         "SELECT 1 -- INSERT"]
WRITES = ["DELETE FROM t", "WITH a AS (INSERT INTO t VALUES (1)) SELECT 1", "SELECT x FROM t FOR UPDATE",
          "SELECT x FROM t ORDER BY x FOR  NO KEY\nUPDATE",
          "SELECT x FROM t FOR KEY SHARE OF t SKIP LOCKED", "SELECT pg_notify('c', '')",
          "SELECT pg_advisory_xact_lock(1)", "SELECT pg_try_advisory_lock(1)",
          "SELECT nextval('s')", "CREATE TABLE u (x int)", "SELECT keep(1)", "SELECT keep_all()"]


@pytest.fixture
def embed(tmp_path):
    """Embeds one statement; the row that it becomes, or what the build says."""
    for folder in ("sql/area", "migrations"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "migrations/001_functions.sql").write_text(MIGRATION)

    def embed(text):
        (tmp_path / "sql/area/name.sql").write_text(text + "\n")
        header, table, depfile = (tmp_path / f"sql.{kind}" for kind in "hcd")
        done = subprocess.run([sys.executable, EMBED, "sql", tmp_path / "sql", header, table, depfile],
                              capture_output=True, text=True, timeout=30)
        return table.read_text() if done.returncode == 0 else done.stderr

    return embed


@pytest.mark.parametrize("code", READS)
def test_a_read_declares_nothing(embed, code):
    assert ".writes = false" in embed(f"-- What it does.\n{code}")


@pytest.mark.parametrize("code", WRITES)
def test_a_write_is_declared(embed, code):
    assert ".writes = true" in embed(f"-- What it does.\n-- writes\n{code}")
    assert "area/name.sql: " in (
        said := embed(f"-- What it does.\n{code}")) and "the contract has no line `-- writes`" in said


@pytest.mark.parametrize("code", [code for code in READS if "shape" not in code])
def test_a_declaration_without_any_sign_of_a_write_is_refused(embed, code):
    assert "nothing in the statement does" in embed(f"-- What it does.\n-- writes\n{code}")


def test_a_function_of_ours_may_write_in_a_way_that_the_build_does_not_see(embed):
    assert ".writes = true" in embed("-- What it does.\n-- writes\nSELECT shape(1)")


def test_only_the_top_comment_declares(embed):
    assert "the contract has no line" in embed("-- What it does.\nDELETE FROM t\n-- writes")


def test_the_table_is_made_again_when_a_migration_changes(embed, tmp_path):
    embed("-- What it does.\nSELECT 1")
    assert str(tmp_path / "migrations/001_functions.sql") in (tmp_path / "sql.d").read_text()


PARTS = """-- What it does.
-- $1 uuid caller   $2 int limit

-- verdict
SELECT 401, 'invalid token' WHERE $1::uuid IS NULL

-- posts[]: page of $2 by created_at, id
SELECT id, created_at FROM posts LIMIT $2::int + 1

-- .
SELECT 1 AS n
"""


def test_a_file_may_have_parts(embed):
    made = embed(PARTS)
    assert ".params = 2" in made and ".part = 1, .part_count = 3" in made
    assert '.form = SQL_VERDICT, .name = "verdict", .unused = 2,' in made
    assert ('.form = SQL_LIST, .name = "posts", .unused = 1, .page_param = 2, .page_by = {"created_at", "id"},'
            in made)
    assert '.form = SQL_SELF, .name = ".", .unused = 3,' in made


@pytest.mark.parametrize("wrong", [PARTS.replace("-- .\n", ""), PARTS.replace("-- .", "-- some words"),
                                   PARTS + "".join(f"\n-- more_{n}[]\nSELECT 1\n" for n in "ab")])
def test_an_empty_line_is_followed_by_a_head_and_there_are_few(embed, wrong):
    assert "an empty line is followed by the head of a part" in embed(wrong)


def test_a_page_may_have_a_size_of_its_own(embed):
    assert '.page_size = 10, .page_by = {"at", "id"}' in embed("-- What.\n\n-- a[]: page of 10 by at, id\nSELECT 1")


@pytest.mark.parametrize("text", ["-- What it does.\nSELECT 1", "-- What it does.\n\nSELECT 1"])
def test_a_file_without_heads_is_one_part(embed, text):
    assert ".part_count = 1" in embed(text) and ".form = SQL_ROWS, .unused = 0" in embed(text)


VERDICT = """-- Whether the caller exists.
-- $1 uuid caller
-- 401 invalid token

-- verdict
SELECT 401, 'invalid token' WHERE $1::uuid IS NULL
"""
INCLUDING = """-- What it does.
-- $1 uuid caller   $2 int n

-- include verdicts/caller

-- .
SELECT $2::int AS n
"""


@pytest.fixture
def verdict(tmp_path):
    (tmp_path / "sql/verdicts").mkdir(parents=True)
    (tmp_path / "sql/verdicts/caller.sql").write_text(VERDICT)


def test_a_verdict_may_stand_in_a_file_of_its_own(embed, verdict):
    made = embed(INCLUDING)
    assert made == embed(INCLUDING.replace("-- include verdicts/caller\n", VERDICT[VERDICT.index("-- verdict"):]))
    assert '.part_count = 2' in made and '.form = SQL_VERDICT, .name = "verdict", .unused = 2,' in made


def test_a_shared_verdict_is_no_statement(embed, verdict, tmp_path):
    assert "VERDICTS" not in embed(INCLUDING)
    assert str(tmp_path / "sql/verdicts/caller.sql") in (tmp_path / "sql.d").read_text()


@pytest.mark.parametrize("name", ["verdicts/nobody", "area/name"])
def test_what_is_included_is_there(embed, verdict, name):
    said = embed(INCLUDING.replace("verdicts/caller", name))
    assert said == f"area/name.sql: -- include {name}: there is no such file below verdicts/ or shapes/\n"
