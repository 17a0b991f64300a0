/* How many values a body may have: they are counted before anything is made of them. */
#include "base/json_values.h"
#include "domain/fields.h"

#include "unit.h"

static const char too_many[] = "request body must not contain more than 1000 values";

enum { TITLE, TAGS, FIELDS };

static const struct field fields[] = {
    [TITLE] = {.name = "title", .kind = FIELD_TEXT},
    [TAGS] = {.name = "tags", .kind = FIELD_TEXT_LIST, .max = 2, .default_text = "[]"},
    [FIELDS] = {.kind = FIELD_END},
};

static const char *read(struct arena *arena, const char *body, const char **params)
{
    return fields_read(fields, body, strlen(body), arena, params);
}

static void at_least_as_many_as_there_are(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t values;
    } cases[] = {
        {"", 1},        {"{}", 2},           {"1", 1},          {"[1,2,3]", 4}, {"{\"a\":1,\"b\":[{\"c\":2}]}", 5},
        {"\"[{,\"", 1}, {"\"[{\\\",[\"", 1}, {"\"\\\\\",1", 2}, {"\"[[[", 1},   {"\"\\", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(json_values(cases[i].text, strlen(cases[i].text)), cases[i].values);
}

/* The object, the title, the list and the blank items. */
static void n_and_not_one_more(void **state)
{
    struct arena *arena = *state;
    const char *params[FIELDS];
    enum { BESIDE_ITEMS = 3 };
    for (int more = 0; more <= 1; more++) {
        const char *items = repeated(arena, "\"\",", FIELDS_VALUES_MAX - BESIDE_ITEMS - 1 + (size_t)more);
        const char *body = arena_printf(arena, "{\"tags\":[%s\" \"],\"title\":\"[{,\\\"[,\"}", items);
        params[TAGS] = NULL;
        assert_text(read(arena, body, params), more ? too_many : NULL, "blank items");
        assert_text(params[TAGS], more ? NULL : "[]", "blank items");
    }
    const char *names = repeated(arena, "\"a\":0,", FIELDS_VALUES_MAX);
    assert_text(read(arena, arena_printf(arena, "{%s\"b\":0}", names), params), too_many, "names");
    const char *text = arena_printf(arena, "{\"title\":\"%s\"}", repeated(arena, "[{,", FIELDS_VALUES_MAX));
    assert_text(read(arena, text, params), NULL, "a text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_least_as_many_as_there_are),
        arena_test(n_and_not_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
