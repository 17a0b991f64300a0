"""The build reads from the migrations which tables, columns and indexes a database should have."""
import runpy

import pytest

from support.program import CHECKOUT

TOOL = runpy.run_path(str(CHECKOUT / "backend/tools/schema_objects.py"))
MIGRATIONS = [path.read_text() for path in sorted((CHECKOUT / "backend/migrations").glob("*.sql"))]


def left_by(*migrations):
    """Name, or name@table for an index."""
    return " ".join(f"{each.name}@{each.table}" if each.table else each.name
                    for each in TOOL["schema_objects"](migrations) if each.gone_by < 0)


@pytest.mark.parametrize("migrations, left", [
    (["CREATE TABLE a (id int);"], "a"),
    (["CREATE TABLE a(id int)"], "a"),
    (["create unlogged table if not exists a (id int); "
      "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY a (id);"], "a i@a"),
    (["CREATE INDEX i ON a(id);"], "i@a"),
    (["CREATE TABLE a (id int); CREATE INDEX i ON a (id); CREATE INDEX j ON a (id);",
      "DROP INDEX CONCURRENTLY IF EXISTS i;"], "a j@a"),
    (["CREATE TABLE a (id int); CREATE INDEX i ON a (id); CREATE TABLE b (id int);", "DROP TABLE a;"], "b"),
    (["CREATE TABLE a (id int); CREATE INDEX i ON a (id);", "ALTER TABLE a RENAME TO b; ALTER INDEX i RENAME TO j;",
      "CREATE TABLE a (id int)"], "b j@b a"),
    (["ALTER TABLE a RENAME COLUMN x TO y; ALTER TABLE a ADD COLUMN z int;"], ""),
    (["-- CREATE TABLE no (id int);\nCREATE TABLE a (x text DEFAULT ';'); -- DROP TABLE a;"], "a"),
    (["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ CREATE TABLE no (id int); $$; CREATE TABLE a (id int);"],
     "a"),
    (["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT '$$'; DROP TABLE a; $body$; "
      "CREATE TABLE a (id int);"], "a"),
    (["CREATE TYPE t AS ENUM ('a'); CREATE VIEW v AS SELECT 1; INSERT INTO a SELECT 'CREATE TABLE no ();'"], ""),
    (["CREATE TABLE \"it's;odd\" (id int); CREATE TABLE a (id int);"], "\"it's;odd\" a"),
    ([";;;"], ""),
    (["-- a comment that nothing ends"], ""),
    ([""], ""),
])
def test_what_migrations_leave(migrations, left):
    assert left_by(*migrations) == left


@pytest.mark.parametrize("statement, create", [
    ("CREATE INDEX i ON a (x DESC)\n    WHERE y = 'a  b'; -- why",
     "CREATE INDEX CONCURRENTLY i ON a (x DESC) WHERE y = 'a  b'"),
    ("CREATE UNIQUE INDEX i\n  ON a (x) -- why\n INCLUDE (y);",
     "CREATE UNIQUE INDEX CONCURRENTLY i ON a (x) INCLUDE (y)"),
    ("-- no transaction\nCREATE INDEX CONCURRENTLY i ON a (x);", "CREATE INDEX CONCURRENTLY i ON a (x)"),
    ("CREATE INDEX i ON a (x); ALTER TABLE a RENAME TO b;", "CREATE INDEX CONCURRENTLY i ON b (x)"),
    ("CREATE TABLE A (x int CHECK (x > 0)) PARTITION BY RANGE (x); CREATE INDEX i ON a (x);",
     "CREATE INDEX i ON a (x)"),
    ("CREATE INDEX i ON a (x); CALL partition_by_time('a');", "CREATE INDEX i ON a (x)"),
    ("CALL partition_by_time('a'); CREATE INDEX i ON a (x);", "CREATE INDEX i ON a (x)"),
    ("CREATE TABLE b (x int) PARTITION BY RANGE (x); CREATE INDEX i ON a (x);",
     "CREATE INDEX CONCURRENTLY i ON a (x)"),
])
def test_the_statement_that_builds_an_index_again(statement, create):
    assert [each.create for each in TOOL["schema_objects"]([statement]) if each.table and each.gone_by < 0] == [create]


def test_an_object_is_there_from_one_migration_to_another():
    objects = TOOL["schema_objects"](["CREATE TABLE a (x int);", "CREATE INDEX i ON a (x); CREATE INDEX j ON a (x);",
                                       "DROP INDEX j; CREATE TABLE b (x int); DROP TABLE b;", "DROP TABLE a;"])
    assert [(each.name, each.made_by, each.gone_by) for each in objects] == [("a", 0, 3), ("i", 1, 3), ("j", 1, 2)]


def columns_left_by(*migrations):
    return {each.name: each.columns for each in TOOL["schema_objects"](migrations)
            if each.gone_by < 0 and not each.table}


@pytest.mark.parametrize("migrations, columns", [
    (["CREATE TABLE a (id int PRIMARY KEY, \"odd\" numeric(3, 2) DEFAULT 1, CHECK (id > 0), "
      "CONSTRAINT c UNIQUE (id), primary key (id)) WITH (fillfactor = 90, x = (1));"], ["id", '"odd"']),
    (["CREATE TABLE a (x text DEFAULT ',' || 'y, z'); ALTER TABLE a ADD COLUMN y int, ADD z int, ADD CHECK (y > 0);",
      "ALTER TABLE a RENAME COLUMN z TO w; ALTER TABLE a DROP COLUMN x, ADD CONSTRAINT d CHECK (true);"], ["y", "w"]),
    (["CREATE TABLE a (x int); ALTER TABLE a ALTER COLUMN x SET NOT NULL, DROP CONSTRAINT IF EXISTS c;",
      "ALTER TABLE IF EXISTS a ADD COLUMN IF NOT EXISTS y int; ALTER TABLE b ADD COLUMN z int;"], ["x", "y"]),
    (["CREATE TABLE b (x int); ALTER TABLE b RENAME TO a; ALTER TABLE a RENAME x TO y;"], ["y"]),
])
def test_the_columns_that_migrations_leave(migrations, columns):
    assert columns_left_by(*migrations) == {"a": columns}


def test_the_migrations_leave_the_columns_that_postgres_has(database):
    there = {}
    for row in database.rows("SELECT table_name, column_name FROM information_schema.columns JOIN "
                             "information_schema.tables t USING (table_schema, table_name) WHERE table_schema = "
                             "'public' AND table_type = 'BASE TABLE' AND table_name <> 'schema_migrations' "
                             "AND NOT (SELECT relispartition FROM pg_class WHERE oid = table_name::regclass)"):
        there.setdefault(row["table_name"], set()).add(row["column_name"])
    assert {name: set(columns) for name, columns in columns_left_by(*MIGRATIONS).items()} == there


def test_the_migrations_leave_what_postgres_has(database):
    """Beside the table of versions, and the indexes of constraints."""
    there = database.rows("""
        SELECT c.relname AS name, t.relname AS of
        FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'i', 'I') AND NOT c.relispartition
          AND c.relname <> 'schema_migrations' AND coalesce(t.relname, '') <> 'schema_migrations'
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid AND contype IN ('p', 'u', 'x'))""")
    assert sorted(left_by(*MIGRATIONS).split()) == sorted(
        f"{row['name']}@{row['of']}" if row["of"] else row["name"] for row in there)
