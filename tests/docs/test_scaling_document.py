"""docs/SCALING.md against the schema, the statements' plans and the processes' connections."""
import re

import pytest

from support.statements import numbered_anew, parts_of
from support.program import CHECKOUT, Worker
from support.waiting import eventually

TEXT = (CHECKOUT / "docs/SCALING.md").read_text()
ROWS = {name: (table, why)
        for name, table, why in re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.*) \|$", TEXT, re.MULTILINE)}
CREATES = {re.search(r"INDEX (?:CONCURRENTLY )?(\w+)", line)[1]: line
           for line in re.findall(r"^CREATE .*;$", TEXT, re.MULTILINE)}
STATEMENTS = [(name, file) for name, (_, why) in ROWS.items() for file in re.findall(r"`(\w+/\w+)`", why)]
DELETIONS = [(name, table) for name, (_, why) in ROWS.items()
             for table in re.findall(r"deleting a row of `(\w+)`", why)]
# a function that is no single expression; tests/api/test_search.py sees that it uses them
FUNCTIONS = {name for name, (_, why) in ROWS.items() if "`search_kind`" in why}
WITHOUT_CONSTRAINTS = """
SELECT i.indexname AS name, i.tablename AS table FROM pg_indexes i
WHERE i.schemaname = 'public' AND NOT (SELECT relispartition FROM pg_class WHERE oid = i.indexname::regclass)
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
"""
PARTS = """
SELECT i.inhrelid::regclass::text AS part, i.inhparent::regclass::text AS whole FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'i'
"""
FIRST_COLUMNS = """
SELECT f.conname FROM pg_constraint f JOIN pg_index i ON i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1]
WHERE f.contype = 'f' AND f.confrelid = %s::regclass AND i.indexrelid = %s::regclass AND cardinality(f.conkey) = 1
"""


def definitions(database):
    return {row["name"]: row["definition"] for row in database.rows(
        f"SELECT name, pg_get_indexdef(name::regclass) AS definition FROM ({WITHOUT_CONSTRAINTS}) listed")}


def test_every_index_of_the_schema_is_listed_and_no_other(database):
    there = {row["name"]: row["table"] for row in database.rows(WITHOUT_CONSTRAINTS)}
    assert there == {name: table for name, (table, _) in ROWS.items()}
    assert there.keys() == CREATES.keys()


def test_each_is_made_by_its_statement_as_it_is_in_the_schema(own_database):
    schema = definitions(own_database)
    for name, create in CREATES.items():
        own_database.execute(f"DROP INDEX {name}")
        own_database.execute(create)
    assert definitions(own_database) == schema


def test_each_says_what_needs_it():
    assert {name for name, _ in STATEMENTS} | {name for name, _ in DELETIONS} | FUNCTIONS == ROWS.keys()


def generic_plan(connection, code):
    """Where it goes by a partition's index, with the name of the whole table's."""
    code, used = numbered_anew(code)
    connection.execute(f"PREPARE asked AS {code}")
    plan = connection.execute("EXPLAIN EXECUTE asked"
                              + (f"({', '.join(['NULL'] * len(used))})" if used else "")).fetchall()
    connection.execute("DEALLOCATE asked")
    text = "\n".join(row["QUERY PLAN"] for row in plan)
    for row in connection.execute(PARTS).fetchall():
        text = re.sub(rf"\b{row['part']}\b", row["whole"], text)
    return text


@pytest.mark.parametrize("index, file", STATEMENTS)
def test_a_statement_reads_by_the_index_that_is_said_to_be_for_it(database, index, file):
    """Where it may not read everything, as it would in tables as small as these, leaves out no
    partition, and has no other index that does nearly as well."""
    rivals = [name for name, (table, _) in ROWS.items() if table == ROWS[index][0] and name != index]
    with database.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "partition_pruning"):
            connection.execute(f"SET LOCAL enable_{way} = off")
        for rival in rivals:
            if not CREATES[rival].startswith("CREATE UNIQUE"):  # a rule, which statements name
                connection.execute(f"DROP INDEX {rival}")
        plans = "\n".join(generic_plan(connection, code) for _, code in parts_of(file))
    assert re.search(rf"\b{index}\b", plans), plans


@pytest.mark.parametrize("index, table", DELETIONS)
def test_a_foreign_key_is_checked_by_the_index_that_is_said_to_be_for_it(database, index, table):
    assert database.rows(FIRST_COLUMNS, table, index)


def test_every_foreign_key_that_is_looked_up_has_an_index(database):
    """But for what is never deleted, or deleted with its few rows."""
    bare = database.rows("""
        SELECT f.conrelid::regclass::text || '.' || a.attname AS name FROM pg_constraint f
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
        WHERE f.contype = 'f'
          AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1])""")
    assert {row["name"] for row in bare} <= {"notifications.actor_user_id", "replies.user_id", "posts.user_id"}


def test_the_processes_have_as_many_connections_as_it_says(database, api, start):
    start(Worker, DB_POOL_SIZE=3)
    assert "| an API | `API_THREADS` × `DB_POOL_SIZE` + 2:" in TEXT and "| a worker | `DB_POOL_SIZE` + 3:" in TEXT
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name {}"
    eventually(lambda: database.value(count.format("= 'personaworlds api'")) == api.settings["API_THREADS"] * 4 + 2)
    eventually(lambda: database.value(count.format("LIKE 'personaworlds worker%%'")) == 3 + 3)


def test_its_tables_settings_and_metrics_exist(database, api, worker):
    names = set(re.findall(r"`([a-zA-Z_]+)`", TEXT))
    settings = {name for name in names if name.isupper() and "_" in name}
    table = (CHECKOUT / "docs/CONFIG.md").read_text()
    assert settings and [name for name in sorted(settings) if f"`{name}`" not in table] == []
    metrics = {name
               for name in names if re.match(r"(http|db|llm|queue|job|jobs|process|rate)_", name)} - {"queue_depth"}
    shown = api.metrics() + worker.metrics()
    metrics = {name for name in metrics - ROWS.keys() if database.value("SELECT to_regclass(%s) IS NULL", name)}
    assert metrics and [name for name in sorted(metrics) if f"# TYPE {name} " not in shown] == []
    grows = re.findall(r"^\| (`[^|]+) \| [^|]+ \| [^|]+ \|$", TEXT.split("## What grows")[1].split("##")[0],
                       re.MULTILINE)
    tables = [name for cell in grows for name in re.findall(r"`(\w+)`", cell)]
    assert len(tables) > 5 and [name for name in tables if database.value("SELECT to_regclass(%s) IS NULL", name)] == []
