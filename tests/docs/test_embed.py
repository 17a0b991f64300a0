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
