/* What sys/db/json.c makes of rows in Postgres's binary formats. That these are the server's is
 * shown by tests/contract/test_parts.py. */
#include "sys/db/json.h"

#include <libpq-fe.h>
#include <string.h>

#include "unit.h"

enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, TEXT = 25, JSON = 114, FLOAT8 = 701, TEXTS = 1009, DATE = 1082 };
enum { TIMESTAMPTZ = 1184, UUID = 2950, JSONB = 3802, AN_ENUM = 16400 };

struct cell {
    const char *name;
    Oid type;
    const char *bytes; /* NULL: SQL null */
    int len;
};

#define BYTES(text) text, sizeof(text) - 1
#define NO_VALUE NULL, -1

static PGresult *result_of(const struct cell *cells, int columns, int rows)
{
    PGresAttDesc attributes[16] = {0};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    for (int i = 0; i < columns; i++)
        attributes[i] = (PGresAttDesc){.name = (char *)(uintptr_t)cells[i].name, .format = 1, .typid = cells[i].type};
    assert_true(PQsetResultAttrs(result, columns, attributes));
    for (int i = 0; i < columns * rows; i++)
        assert_true(PQsetvalue(result, i / columns, i % columns, (char *)(uintptr_t)cells[i].bytes, cells[i].len));
    return result;
}

struct answer {
    struct arena *arena;
    int status;
    const char *body;
};

static void read_answer(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct answer *answer = ctx;
    size_t len = 0;
    assert_int_equal(outcome, DB_OK);
    answer->status = db_answer_status(rows);
    answer->body = db_answer_body(rows, answer->arena, &len);
    assert_int_equal(len, answer->body ? strlen(answer->body) : 0);
}

static struct answer answer_of(struct arena *arena, enum sql statement, const char *const *params,
                               PGresult *results[SQL_PARTS_MAX], int count)
{
    const struct db_given given = {.statement = statement, .params = params, .results = results, .count = count};
    struct answer answer = {.arena = arena};
    rows_hand_over(&given, read_answer, &answer, DB_OK);
    for (int i = 0; i < count; i++)
        PQclear(results[i]);
    return answer;
}

static PGresult *no_refusal(void)
{
    static const struct cell columns[] = {{"status", INT4, NO_VALUE}, {"sentence", TEXT, NO_VALUE}};
    return result_of(columns, 2, 0);
}

/* The one member of `rooms` that a row with this cell becomes. */
static const char *object_of(struct arena *arena, const struct cell *cells, int columns)
{
    PGresult *results[SQL_PARTS_MAX] = {no_refusal(), result_of(cells, columns, 1)};
    struct answer answer = answer_of(arena, SQL_ROOMS_LIST, NULL, results, 2);
    assert_int_equal(answer.status, 200);
    return answer.body;
}

static void test_a_value_has_the_form_of_its_type(void **state)
{
    static const struct {
        Oid type;
        const char *bytes;
        int len;
        const char *json;
    } cases[] = {
        {BOOL, BYTES("\1"), "true"},
        {BOOL, BYTES("\0"), "false"},
        {INT2, BYTES("\x80\x00"), "-32768"},
        {INT4, BYTES("\x7f\xff\xff\xff"), "2147483647"},
        {INT4, BYTES("\0\0\0\0"), "0"},
        {INT8, BYTES("\x80\0\0\0\0\0\0\0"), "-9223372036854775808"},
        {INT8, BYTES("\x7f\xff\xff\xff\xff\xff\xff\xff"), "9223372036854775807"},
        {FLOAT8, BYTES("\x3f\xb9\x99\x99\x99\x99\x99\x9a"), "0.1"},
        {FLOAT8, BYTES("\x7f\xf0\0\0\0\0\0\0"), "null"},
        {FLOAT8, BYTES("\x7f\xf8\0\0\0\0\0\0"), "null"},
        {FLOAT8, BYTES("\x7f\xef\xff\xff\xff\xff\xff\xff"), "1.7976931348623157e+308"},
        {TEXT, BYTES(""), "\"\""},
        {TEXT, BYTES("a\"b\\c\b\t\n\f\r\x01\x1f\x7f"), "\"a\\\"b\\\\c\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\""},
        {TEXT,
         BYTES("eight by"
               "te runs\n and a ş"),
         "\"eight byte runs\\n and a ş\""},
        {AN_ENUM, BYTES("PUBLISHED"), "\"PUBLISHED\""},
        {JSON, BYTES("{\"a\":[1]}"), "{\"a\":[1]}"},
        {JSONB, BYTES("\1{\"a\": null}"), "{\"a\": null}"},
        {UUID, BYTES("\x7d\x44\x48\x40\x9d\xc0\x11\xd1\xb2\x45\x5f\xfd\xce\x74\xfa\xd2"),
         "\"7d444840-9dc0-11d1-b245-5ffdce74fad2\""},
        {DATE, BYTES("\0\0\0\0"), "\"2000-01-01\""},
        {DATE, BYTES("\0\0\0\x3b"), "\"2000-02-29\""},
        {DATE, BYTES("\xff\xff\xff\xff"), "\"1999-12-31\""},
        {TIMESTAMPTZ, BYTES("\0\0\0\0\0\0\0\0"), "\"2000-01-01T00:00:00.000000Z\""},
        {TIMESTAMPTZ, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), "\"1999-12-31T23:59:59.999999Z\""},
        {TIMESTAMPTZ, BYTES("\x7f\xff\x36\x6d\xa3\x78\xc0\x00"), "\"294270-01-01T00:00:00.000000Z\""},
        {TEXTS, BYTES("\0\0\0\0\0\0\0\0\0\0\0\x19"), "[]"},
        {TEXTS, BYTES("\0\0\0\1\0\0\0\1\0\0\0\x19\0\0\0\3\0\0\0\1\0\0\0\1a\xff\xff\xff\xff\0\0\0\2\"b"),
         "[\"a\",null,\"\\\"b\"]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct cell cell = {"it", cases[i].type, cases[i].bytes, cases[i].len};
        assert_string_equal(object_of(*state, &cell, 1),
                            arena_printf(*state, "{\"rooms\":[{\"it\":%s}]}", cases[i].json));
    }
}

static void test_a_special_character_is_escaped_wherever_it_stands(void **state)
{
    enum { LONGEST = 40 };
    static const struct {
        char c;
        const char *escaped;
    } specials[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\0' + 1, "\\u0001"}, {'\x1f', "\\u001f"}};
    for (int i = 0; i < (int)COUNT(specials) * LONGEST * LONGEST; i++) {
        const char *escaped = specials[i / (LONGEST * LONGEST)].escaped;
        int len = i / LONGEST % LONGEST + 1, place = i % LONGEST;
        if (place >= len)
            continue;
        char *text = arena_alloc(*state, (size_t)len + 1);
        memset(text, ' ', (size_t)len);
        text[place] = specials[i / (LONGEST * LONGEST)].c;
        const struct cell cell = {"it", TEXT, text, len};
        assert_string_equal(object_of(*state, &cell, 1), arena_printf(*state, "{\"rooms\":[{\"it\":\"%*s%s%*s\"}]}",
                                                                      place, "", escaped, len - place - 1, ""));
    }
}

static void test_a_name_may_be_short_or_long(void **state)
{
    enum { LONGEST = 60 };
    for (int len = 1; len <= LONGEST; len++) {
        char name[LONGEST + 1] = "";
        memset(name, 'n', (size_t)len);
        const struct cell cells[] = {{"a", BOOL, BYTES("\1")}, {name, BOOL, BYTES("\0")}, {"z", BOOL, BYTES("\1")}};
        assert_string_equal(object_of(*state, cells, 3),
                            arena_printf(*state, "{\"rooms\":[{\"a\":true,\"%s\":false,\"z\":true}]}", name));
    }
}

static void test_what_has_no_end_is_left_out_as_a_null_is(void **state)
{
    static const struct cell cells[] = {
        {"a", TIMESTAMPTZ, BYTES("\x7f\xff\xff\xff\xff\xff\xff\xff")},
        {"b", TIMESTAMPTZ, BYTES("\x80\0\0\0\0\0\0\0")},
        {"c", DATE, BYTES("\x7f\xff\xff\xff")},
        {"d", DATE, BYTES("\x80\0\0\0")},
        {"e", TEXT, NO_VALUE},
        {"f", BOOL, BYTES("\1")},
    };
    assert_string_equal(object_of(*state, cells, COUNT(cells)), "{\"rooms\":[{\"f\":true}]}");
}

static void test_a_dot_in_a_columns_name_is_an_object(void **state)
{
    static const struct {
        struct cell cells[6];
        const char *json;
    } cases[] = {
        {{{"a", BOOL, BYTES("\1")}, {"b.c", BOOL, BYTES("\1")}, {"b.d", BOOL, BYTES("\0")}},
         "{\"a\":true,\"b\":{\"c\":true,\"d\":false}}"},
        {{{"b.c", BOOL, BYTES("\1")},
          {"b.d.e", BOOL, BYTES("\1")},
          {"b.d.f", BOOL, BYTES("\1")},
          {"g", BOOL, BYTES("\1")}},
         "{\"b\":{\"c\":true,\"d\":{\"e\":true,\"f\":true}},\"g\":true}"},
        {{{"b.c", TEXT, NO_VALUE}, {"b.d", TEXT, NO_VALUE}, {"g", BOOL, BYTES("\1")}}, "{\"g\":true}"},
        {{{"b.c", TEXT, NO_VALUE}, {"b.d", BOOL, BYTES("\1")}}, "{\"b\":{\"d\":true}}"},
        {{{"a.b.c", BOOL, BYTES("\1")}, {"d.b.c", BOOL, BYTES("\1")}},
         "{\"a\":{\"b\":{\"c\":true}},\"d\":{\"b\":{\"c\":true}}}"},
        {{{"a", TEXT, NO_VALUE}}, "{}"},
        {{{"_a", BOOL, BYTES("\1")}, {"b", BOOL, BYTES("\1")}}, "{\"b\":true}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int columns = 0;
        while (columns < 6 && cases[i].cells[columns].name)
            columns++;
        assert_string_equal(object_of(*state, cases[i].cells, columns),
                            arena_printf(*state, "{\"rooms\":[%s]}", cases[i].json));
    }
}

/* `rows` posts for a page of two. */
static const char *page_of(struct arena *arena, int rows)
{
    static const struct cell cells[] = {
        {"id", TEXT, BYTES("c")}, {"created_at", TIMESTAMPTZ, BYTES("\0\0\0\0\0\0\0\2")},
        {"id", TEXT, BYTES("b")}, {"created_at", TIMESTAMPTZ, BYTES("\0\0\0\0\0\0\0\1")},
        {"id", TEXT, BYTES("a")}, {"created_at", TIMESTAMPTZ, BYTES("\0\0\0\0\0\0\0\0")},
    };
    PGresult *results[SQL_PARTS_MAX] = {no_refusal(), result_of(cells, 2, rows)};
    const char *const params[] = {NULL, NULL, "2", NULL, NULL};
    return answer_of(arena, SQL_POSTS_LIST_IN_ROOM, params, results, 2).body;
}

static void test_a_page_ends_with_the_place_of_its_last_row(void **state)
{
#define POST(id, us) "{\"id\":\"" id "\",\"created_at\":\"2000-01-01T00:00:00.00000" us "Z\"}"
    assert_string_equal(page_of(*state, 0), "{\"posts\":[],\"next_cursor\":\"\"}");
    assert_string_equal(page_of(*state, 2), "{\"posts\":[" POST("c", "2") "," POST("b", "1") "],\"next_cursor\":\"\"}");
    assert_string_equal(page_of(*state, 3),
                        "{\"posts\":[" POST("c", "2") "," POST("b", "1") "],\"next_cursor\":\"946684800000001-b\"}");
}

/* The thread's verdict comes with members. */
static void test_members_and_lists_stand_side_by_side(void **state)
{
    static const struct cell post[] = {{"_status", INT4, NO_VALUE},
                                       {"_error", TEXT, BYTES("not allowed")},
                                       {"post.id", TEXT, BYTES("p")},
                                       {"ai_summary", TEXT, BYTES("s")}};
    static const struct cell reply[] = {{"id", TEXT, BYTES("r")}, {"id", TEXT, BYTES("q")}};
    PGresult *results[SQL_PARTS_MAX] = {result_of(post, 4, 1), result_of(reply, 1, 2)};
    assert_string_equal(answer_of(*state, SQL_POSTS_THREAD, NULL, results, 2).body,
                        "{\"post\":{\"id\":\"p\"},\"ai_summary\":\"s\",\"replies\":[{\"id\":\"r\"},{\"id\":\"q\"}],"
                        "\"next_cursor\":\"\"}");
}

static void test_a_refusal_is_the_answer(void **state)
{
    static const struct cell refusal[] = {{"status", INT4, BYTES("\0\0\x01\x94")},
                                          {"sentence", TEXT, BYTES("room not found")}};
    PGresult *results[SQL_PARTS_MAX] = {result_of(refusal, 2, 1), result_of(refusal, 2, 0)};
    struct answer answer = answer_of(*state, SQL_ROOMS_LIST, NULL, results, 2);
    assert_int_equal(answer.status, 404);
    assert_string_equal(answer.body, "room not found");
}

static void test_a_statement_without_heads_says_both(void **state)
{
    static const struct cell row[] = {{"status", INT4, BYTES("201")}, {"body", TEXT, BYTES("{\"id\":1}")}};
    PGresult *results[SQL_PARTS_MAX] = {result_of(row, 2, 1)};
    struct answer answer = answer_of(*state, SQL_PERSONAS_CREATE, NULL, results, 1);
    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.body, "{\"id\":1}");
    results[0] = result_of(row, 2, 0);
    answer = answer_of(*state, SQL_PERSONAS_CREATE, NULL, results, 1);
    assert_int_equal(answer.status, 0);
    assert_null(answer.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_value_has_the_form_of_its_type),
        arena_test(test_a_special_character_is_escaped_wherever_it_stands),
        arena_test(test_a_name_may_be_short_or_long),
        arena_test(test_what_has_no_end_is_left_out_as_a_null_is),
        arena_test(test_a_dot_in_a_columns_name_is_an_object),
        arena_test(test_a_page_ends_with_the_place_of_its_last_row),
        arena_test(test_members_and_lists_stand_side_by_side),
        arena_test(test_a_refusal_is_the_answer),
        arena_test(test_a_statement_without_heads_says_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
