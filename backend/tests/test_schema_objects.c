#include "unit.h"

#include "base/buf.h"
#include "ops/triage/schema_objects.h"

/* Migrations, one after the other, and what they leave: name, or name@table for an index. */
static const struct {
    const char *migrations[3], *left;
} cases[] = {
    {{"CREATE TABLE a (id int);"}, "a"},
    {{"CREATE TABLE a(id int)"}, "a"},
    {{"create unlogged table if not exists a (id int); CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY a "
      "(id);"},
     "a i@a"},
    {{"CREATE INDEX i ON a(id);"}, "i@a"},
    {{"CREATE TABLE a (id int); CREATE INDEX i ON a (id); CREATE INDEX j ON a (id);",
      "DROP INDEX CONCURRENTLY IF EXISTS i;"},
     "a j@a"},
    {{"CREATE TABLE a (id int); CREATE INDEX i ON a (id); CREATE TABLE b (id int);", "DROP TABLE a;"}, "b"},
    {{"CREATE TABLE a (id int); CREATE INDEX i ON a (id);", "ALTER TABLE a RENAME TO b; ALTER INDEX i RENAME TO j;",
      "CREATE TABLE a (id int)"},
     "b j@b a"},
    {{"ALTER TABLE a RENAME COLUMN x TO y; ALTER TABLE a ADD COLUMN z int;"}, ""},
    {{"-- CREATE TABLE no (id int);\nCREATE TABLE a (x text DEFAULT ';'); -- DROP TABLE a;"}, "a"},
    {{"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ CREATE TABLE no (id int); $$; CREATE TABLE a (id int);"},
     "a"},
    {{"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT '$$'; DROP TABLE a; $body$; CREATE TABLE a (id "
      "int);"},
     "a"},
    {{"CREATE TYPE t AS ENUM ('a'); CREATE VIEW v AS SELECT 1; INSERT INTO a SELECT 'CREATE TABLE no ();'"}, ""},
    {{"CREATE TABLE \"it's;odd\" (id int); CREATE TABLE a (id int);"}, "\"it's;odd\" a"},
    {{"CREATE TABLE; CREATE TABLE a (id int);"}, "a"},
    {{"CREATE FUNCTION f() AS $$ never ends; DROP TABLE a;"}, ""},
    {{";;;"}, ""},
    {{"-- a comment that nothing ends"}, ""},
    {{""}, ""},
};

static const char *left_by(struct arena *arena, const char *const *migrations)
{
    struct schema_objects objects = schema_objects_new(arena);
    for (int i = 0; i < 3 && migrations[i]; i++)
        schema_objects_apply(arena, &objects, migrations[i]);
    struct buf out = buf_new(arena);
    for (int i = 0; i < objects.count; i++) {
        const struct schema_object *object = &objects.rows[i];
        buf_printf(&out, "%s%s%s%s", i ? " " : "", object->name, object->table ? "@" : "",
                   object->table ? object->table : "");
    }
    return out.text;
}

static void test_what_migrations_leave(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(left_by(*state, cases[i].migrations), cases[i].left, cases[i].migrations[0]);
}

static const struct {
    const char *statement, *create;
} creates[] = {
    {"CREATE INDEX i ON a (x DESC)\n    WHERE y = 'a  b'; -- why",
     "CREATE INDEX CONCURRENTLY i ON a (x DESC) WHERE y = 'a  b'"},
    {"CREATE UNIQUE INDEX i\n  ON a (x) -- why\n INCLUDE (y);",
     "CREATE UNIQUE INDEX CONCURRENTLY i ON a (x) INCLUDE (y)"},
    {"-- no transaction\nCREATE INDEX CONCURRENTLY i ON a (x);", "CREATE INDEX CONCURRENTLY i ON a (x)"},
};

static void test_the_statement_that_builds_an_index_again(void **state)
{
    for (size_t i = 0; i < COUNT(creates); i++) {
        struct schema_objects objects = schema_objects_new(*state);
        schema_objects_apply(*state, &objects, creates[i].statement);
        assert_int_equal(objects.count, 1);
        assert_text(objects.rows[0].create, creates[i].create, creates[i].statement);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(test_what_migrations_leave),
                                       arena_test(test_the_statement_that_builds_an_index_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
