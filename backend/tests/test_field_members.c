/* An object within a body, whose members have rows of their own. */
#include "domain/fields.h"

#include "unit.h"

static const char not_one_object[] = "request body must contain a single JSON object";
static const char *const colours[] = {"red", "blue", NULL};

static const struct field members[] = {
    {.name = "name", .kind = FIELD_TEXT, .min = 1, .max = 4, .missing = "name is required", .too_long = "too long"},
    {.name = "tags",
     .kind = FIELD_TEXT_LIST,
     .max = 2,
     .item_max = 3,
     .wrong_count = "too many",
     .too_long = "a tag is too long",
     .default_text = "[]"},
    {.name = "size", .kind = FIELD_INTEGER, .min = 0, .max = 3, .out_of_range = "size is off", .default_text = "1"},
    {.name = "is_new", .kind = FIELD_BOOLEAN},
    {.name = "colour", .kind = FIELD_TEXT, .choices = colours, .out_of_range = "no colour", .default_text = "red"},
    {.name = "id", .kind = FIELD_UUID, .invalid = "id is invalid"},
    {.name = "rest", .kind = FIELD_OBJECT},
    {.kind = FIELD_END},
};
static const struct field fields[] = {
    {.name = "voice", .kind = FIELD_OBJECT, .members = members},
    {.kind = FIELD_END},
};

static const struct row {
    const char *voice, *param, *error;
} rows[] = {
    {"{}", "{}", NULL},
    {"null", NULL, NULL},
    {"\"\"", NULL, NULL},
    {"{\"name\":\" Ada \"}", "{\"name\":\"Ada\"}", NULL},
    {"{\"name\":\"\\\"é\\n\"}", "{\"name\":\"\\\"é\"}", NULL},
    {"{\"name\":null,\"tags\":null,\"size\":null,\"colour\":null,\"id\":null}", "{}", NULL},
    {"{\"tags\":[\" a\",\"\",\"b\"],\"size\":2.0,\"is_new\":true}",
     "{\"tags\":[\"a\",\"b\"],\"size\":2,\"is_new\":true}", NULL},
    {"{\"size\":0,\"name\":\"Ada\"}", "{\"name\":\"Ada\",\"size\":0}", NULL},
    {"{\"id\":\"7D444840-9dc0-41d1-b245-5ffdce74fad2\"}", "{\"id\":\"7d444840-9dc0-41d1-b245-5ffdce74fad2\"}", NULL},
    {"{\"rest\":{\"a\":[\"b\"]}}", "{\"rest\":{\"a\":[\"b\"]}}", NULL},
    /* what is blank is as if the member were there alone, and absent */
    {"{\"tags\":\"\",\"size\":\"\",\"colour\":\" \",\"is_new\":\"\",\"id\":\"\"}",
     "{\"tags\":[],\"size\":1,\"colour\":\"red\"}", NULL},
    {"{\"name\":\"\"}", NULL, "name is required"},
    {"{\"name\":\" \"}", NULL, "name is required"},
    {"{\"name\":\"Adam\"}", "{\"name\":\"Adam\"}", NULL},
    {"{\"name\":\"Adama\"}", NULL, "too long"},
    {"{\"name\":1}", NULL, "name must be a string"},
    {"{\"tags\":[\"a\",\"b\",\"c\"]}", NULL, "too many"},
    {"{\"tags\":[\"abcd\"]}", NULL, "a tag is too long"},
    {"{\"size\":4}", NULL, "size is off"},
    {"{\"colour\":\"green\"}", NULL, "no colour"},
    {"{\"id\":\"x\"}", NULL, "id is invalid"},
    {"{\"named\":1}", NULL, "unknown field \"named\""},
    {"{\"name\":\"a\",\"name\":\"b\"}", NULL, not_one_object},
    {"[]", NULL, "voice must be an object"},
    {"\"x\"", NULL, "voice must be an object"},
    {"1", NULL, "voice must be an object"},
};

static void members_are_read_by_their_rows(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *body = arena_printf(*state, "{\"voice\":%s}", rows[i].voice), *param = NULL;
        assert_text(fields_read(fields, body, strlen(body), *state, &param), rows[i].error, body);
        if (!rows[i].error)
            assert_text(param, rows[i].param, body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(members_are_read_by_their_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
