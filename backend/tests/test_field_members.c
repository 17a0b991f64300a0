/* What has rows or items within it: an object whose members have rows of their own, a list of
 * numbered ids. */
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
    const char *value, *param, *error;
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

/* Each row is read as the value of the only field. */
static void check(struct arena *arena, const struct field *field, const struct row *row, size_t count)
{
    for (; count > 0; row++, count--) {
        const char *body = arena_printf(arena, "{\"%s\":%s}", field->name, row->value), *param = NULL;
        assert_text(fields_read(field, body, strlen(body), arena, &param), row->error, body);
        if (!row->error)
            assert_text(param, row->param, body);
    }
}

static void members_are_read_by_their_rows(void **state)
{
    check(*state, fields, rows, COUNT(rows));
}

static const struct row lists[] = {
    {"null", NULL, "ids is required"},
    {"[]", NULL, "ids is required"},
    {"[1]", "{1}", NULL},
    {"[3,1.0,9007199254740991]", "{3,1,9007199254740991}", NULL},
    {"[1,2,3,4]", NULL, "too many ids"},
    {"[1,0]", NULL, "no id"},
    {"[-1]", NULL, "no id"},
    {"[1.5]", NULL, "no id"},
    {"[9007199254740992]", NULL, "no id"},
    {"[1,\"2\"]", NULL, "ids must be a list of integers"},
    {"[[1]]", NULL, "ids must be a list of integers"},
    {"[null]", NULL, "ids must be a list of integers"},
    {"\"1\"", NULL, "ids must be a list of integers"},
    {"1", NULL, "ids must be a list of integers"},
};

static void numbered_ids_are_a_list_for_postgres(void **state)
{
    static const struct field list[] = {
        {.name = "ids",
         .kind = FIELD_NUMBER_LIST,
         .max = 3,
         .missing = "ids is required",
         .invalid = "no id",
         .wrong_count = "too many ids"},
        {.kind = FIELD_END},
    };
    check(*state, list, lists, COUNT(lists));
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(members_are_read_by_their_rows),
                                       arena_test(numbered_ids_are_a_list_for_postgres)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
