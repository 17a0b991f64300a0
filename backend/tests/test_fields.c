#include "unit.h"

#include "base/buf.h"
#include "domain/fields.h"
#include "domain/persona.h"

static const char not_one_object[] = "request body must contain a single JSON object";
static const char too_many[] = "request body must not contain more than 1000 values";
static const char *const colours[] = {"red", "blue", NULL};

enum { TITLE, SECRET, TAGS, SIZE, ANY, IS_OPEN, ROOM, MEMBERS, COLOUR, DETAILS, FIELDS };

/* clang-format off */
static const struct field fields[] = {
    [TITLE] = {.name = "title", .kind = FIELD_TEXT, .min = 3, .max = 5, .missing = "title must be at least 3 chars",
               .too_long = "title must be <= 5 chars"},
    [SECRET] = {.name = "secret", .kind = FIELD_RAW_TEXT, .min = 8, .max = 10, .missing = NULL, .too_long = "secret is too long"},
    [TAGS] = {.name = "tags", .kind = FIELD_TEXT_LIST, .max = 2, .item_max = 3, .too_long = "tags items must be <= 3 chars",
              .wrong_count = "too many tags", .default_text = "[]"},
    [SIZE] = {.name = "size", .kind = FIELD_INTEGER, .min = 2, .max = 20, .out_of_range = "size must be between 2 and 20", .default_text = "7"},
    [ANY] = {.name = "any", .kind = FIELD_INTEGER},
    [IS_OPEN] = {.name = "is_open", .kind = FIELD_BOOLEAN, .default_text = "false"},
    [ROOM] = {.name = "room", .kind = FIELD_UUID, .invalid = "room is invalid, too"},
    [MEMBERS] = {.name = "members", .kind = FIELD_UUID_LIST, .max = 3, .invalid = "members is invalid, too", .only_blank = "members cannot be empty",
                 .wrong_count = "too many members"},
    [COLOUR] = {.name = "colour", .kind = FIELD_TEXT, .choices = colours, .out_of_range = "colour must be red or blue", .default_text = "red"},
    [DETAILS] = {.name = "details", .kind = FIELD_OBJECT, .default_text = "{}"},
    [FIELDS] = {.kind = FIELD_END},
};
/* clang-format on */

static const char *read(struct arena *arena, const char *body, const char **params)
{
    return fields_read(fields, body, strlen(body), arena, params);
}

/* The body with a good title and `rest`. */
static const char *body_with(struct arena *arena, const char *rest)
{
    return arena_printf(arena, "{\"title\":\"abc\",%s}", rest);
}

static void what_is_no_single_object(void **state)
{
    static const char *const bodies[] = {"[]",
                                         "1",
                                         "null",
                                         "\"x\"",
                                         "{",
                                         "}",
                                         "{}x",
                                         "{}{}",
                                         "{} 1",
                                         "{\"title\"}",
                                         "{\"title\":}",
                                         "{\"title\":\"abc\"",
                                         "{\"title\":\"abc\",}",
                                         "{title:1}",
                                         "{'title':1}",
                                         "{\"title\":\"abc\"} // note",
                                         "{\"title\":\"abc\",\"title\":\"abd\"}",
                                         "{\"title\":\"abc\",\"\\u0074itle\":\"abd\"}",
                                         "{\"title\":\"a\\u0000c\"}",
                                         "{\"a\\u0000b\":1}",
                                         "{\"title\":\"a\\ud800c\"}",
                                         "{\"title\":\"a\\udc00c\"}",
                                         "{\"title\":\"a\xff\"}",
                                         "{\"title\":\"\xc0\xaf\"}",
                                         "{\"title\":\"\xed\xa0\x80\"}",
                                         "{\"title\":\"\xf4\x90\x80\x80\"}",
                                         "{\"title\":\"abc\"}\xff",
                                         "\xef\xbb\xbf{\"title\":\"abc\"}",
                                         "{\"title\":\"a\nc\"}",
                                         "{\"title\":\"a\\x\"}",
                                         "{\"size\":01}",
                                         "{\"size\":1e999}",
                                         "{\"size\":NaN}",
                                         "{\"size\":+1}",
                                         "{\"size\":.5}",
                                         "nul",
                                         "{\"secret\":\"12345\\u000067\"}"};
    const char *params[FIELDS];
    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_text(read(*state, bodies[i], params), not_one_object, bodies[i]);
}

static void raw_nuls(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bodies[] = {{"{\"title\":\"a\0c\"}", 15},
                  {"{\"title\":\"abc\"}\0", 16},
                  {"\0", 1},
                  {"{\"title\":\"abc\"\0}", 16},
                  {"{}\0{}", 5}};
    const char *params[FIELDS];
    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_text(fields_read(fields, bodies[i].bytes, bodies[i].len, *state, params), not_one_object,
                    bodies[i].bytes);
}

static void deep_nesting(void **state)
{
    struct arena *arena = *state;
    const char *params[FIELDS];
    enum { MIB = 1 << 20 };
    static const char *const openings[] = {"[", "{\"a\":", "{\"title\":[", "[{\"a\":"};
    for (size_t i = 0; i < COUNT(openings); i++) {
        assert_text(read(arena, repeated(arena, openings[i], MIB / strlen(openings[i])), params), too_many,
                    openings[i]);
        assert_text(read(arena, repeated(arena, openings[i], 400), params), not_one_object, openings[i]);
    }
    const char *closed = arena_printf(arena, "{\"title\":%s%s}", repeated(arena, "[", 400), repeated(arena, "]", 400));
    assert_text(read(arena, closed, params), "title must be a string", "400 lists");
}

static void unknown_names(void **state)
{
    struct arena *arena = *state;
    const char *params[FIELDS];
    const char *forty = repeated(arena, "ş", 40);
    static const struct {
        const char *body, *want;
    } cases[] = {
        {"{\"x\":1}", "unknown field \"x\""},
        {"{\"title\":\"abc\",\"Title\":\"abc\"}", "unknown field \"Title\""},
        {"{\"\":1}", "unknown field \"\""},
        {"{\"a\\\"b\\n\\u0001c\":1}", "unknown field \"a'b c\""},
        {"{\"x\":1,\"title\":1}", "unknown field \"x\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(read(arena, cases[i].body, params), cases[i].want, cases[i].body);
    const char *sentence = arena_printf(arena, "unknown field \"%s\"", forty);
    assert_text(read(arena, arena_printf(arena, "{\"%s\":1}", forty), params), sentence, "40 letters");
    assert_text(read(arena, arena_printf(arena, "{\"%sş\":1}", forty), params), sentence, "41 letters");
}

static void wrong_types(void **state)
{
    static const char *const values[] = {"1", "1.5", "true", "false", "\"x\"", "[]", "[1]", "[null]", "[[]]", "{}"};
    static const struct {
        const char *name, *want;
        const char *fits; /* the values above that have the type */
    } cases[] = {
        {"secret", "secret must be a string", "\"x\""}, {"tags", "tags must be a list of strings", "[]"},
        {"any", "any must be an integer", "1"},         {"is_open", "is_open must be true or false", "true false"},
        {"room", "room must be a string", "\"x\""},     {"members", "members must be a list of strings", "[]"},
        {"colour", "colour must be a string", "\"x\""}, {"details", "details must be an object", "{}"},
    };
    const char *params[FIELDS];
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t j = 0; j < COUNT(values); j++) {
            const char *body = body_with(*state, arena_printf(*state, "\"%s\":%s", cases[i].name, values[j]));
            if (!strstr(cases[i].fits, values[j]))
                assert_text(read(*state, body, params), cases[i].want, body);
        }
}

static const struct one {
    const char *rest; /* of the body */
    int field;
    const char *error, *param; /* one of them, or none for SQL null */
} ones[] = {
    /* absent */
    {"\"secret\":null", SECRET, NULL, NULL},
    {"\"secret\":\"\"", SECRET, NULL, NULL},
    {"\"tags\":null", TAGS, NULL, "[]"},
    {"\"tags\":\"\"", TAGS, NULL, "[]"},
    {"\"size\":null", SIZE, NULL, "7"},
    {"\"size\":\"\"", SIZE, NULL, "7"},
    {"\"any\":null", ANY, NULL, NULL},
    {"\"is_open\":\"\"", IS_OPEN, NULL, "false"},
    {"\"room\":\"\"", ROOM, NULL, NULL},
    {"\"room\":\"  \"", ROOM, NULL, NULL},
    {"\"members\":[]", MEMBERS, NULL, NULL},
    {"\"members\":null", MEMBERS, NULL, NULL},
    {"\"members\":\"\"", MEMBERS, NULL, NULL},
    {"\"colour\":\" \"", COLOUR, NULL, "red"},
    /* raw texts: bytes, untrimmed */
    {"\"secret\":\" 123456 \"", SECRET, NULL, " 123456 "},
    {"\"secret\":\"        \"", SECRET, NULL, "        "},
    {"\"secret\":\"1234567\"", SECRET, "secret is invalid", NULL},
    {"\"secret\":\"1234567890\"", SECRET, NULL, "1234567890"},
    {"\"secret\":\"12345678901\"", SECRET, "secret is too long", NULL},
    {"\"secret\":\"şşşşş\"", SECRET, NULL, "şşşşş"},
    {"\"secret\":\"şşşşşa\"", SECRET, "secret is too long", NULL},
    /* lists */
    {"\"tags\":[]", TAGS, NULL, "[]"},
    {"\"tags\":[\" a \",\"\",\" \\t\",\"şşş\"]", TAGS, NULL, "[\"a\",\"şşş\"]"},
    {"\"tags\":[\"\\\"\\\\\"]", TAGS, NULL, "[\"\\\"\\\\\"]"},
    {"\"tags\":[\"şşşş\"]", TAGS, "tags items must be <= 3 chars", NULL},
    {"\"tags\":[\"a\",\"a\",\"a\"]", TAGS, "too many tags", NULL},
    {"\"tags\":[\"a\",null]", TAGS, "tags must be a list of strings", NULL},
    /* integers */
    {"\"size\":2", SIZE, NULL, "2"},
    {"\"size\":20", SIZE, NULL, "20"},
    {"\"size\":1", SIZE, "size must be between 2 and 20", NULL},
    {"\"size\":21", SIZE, "size must be between 2 and 20", NULL},
    {"\"size\":-5", SIZE, "size must be between 2 and 20", NULL},
    {"\"size\":5.0", SIZE, NULL, "5"},
    {"\"size\":1e1", SIZE, NULL, "10"},
    {"\"size\":2.5", SIZE, "size must be an integer", NULL},
    {"\"size\":\"5\"", SIZE, "size must be an integer", NULL},
    {"\"size\":9223372036854775808", SIZE, "size must be between 2 and 20", NULL},
    {"\"size\":-99999999999999999999999999", SIZE, "size must be between 2 and 20", NULL},
    {"\"any\":0", ANY, NULL, "0"},
    {"\"any\":-0", ANY, NULL, "0"},
    {"\"any\":-12", ANY, NULL, "-12"},
    {"\"any\":9007199254740991", ANY, NULL, "9007199254740991"},
    {"\"any\":-9007199254740991", ANY, NULL, "-9007199254740991"},
    {"\"any\":9007199254740992", ANY, "any must be an integer", NULL},
    {"\"any\":9223372036854775808", ANY, "any must be an integer", NULL},
    {"\"any\":1e300", ANY, "any must be an integer", NULL},
    /* booleans */
    {"\"is_open\":true", IS_OPEN, NULL, "true"},
    {"\"is_open\":false", IS_OPEN, NULL, "false"},
    {"\"is_open\":\"true\"", IS_OPEN, "is_open must be true or false", NULL},
    /* ids */
    {"\"room\":\" 1B4E28BA-2FA1-11D2-883F-0016D3CCA427 \"", ROOM, NULL, "1b4e28ba-2fa1-11d2-883f-0016d3cca427"},
    {"\"room\":\"1b4e28ba\"", ROOM, "room is invalid, too", NULL},
    {"\"members\":[\"\",\" \"]", MEMBERS, "members cannot be empty", NULL},
    {"\"members\":[\"\",\"1b4e28ba-2fa1-11d2-883f-0016d3cca421\"]", MEMBERS, NULL,
     "{1b4e28ba-2fa1-11d2-883f-0016d3cca421}"},
    {"\"members\":[\"1b4e28ba-2fa1-11d2-883f-0016d3cca421\",\"x\"]", MEMBERS, "members is invalid, too", NULL},
    {"\"members\":[\"1b4e28ba-2fa1-11d2-883f-0016d3cca421\",\"1B4E28BA-2FA1-11D2-883F-0016D3CCA421\",\"1b4e28ba-2fa1-"
     "11d2-883f-0016d3cca422\"]",
     MEMBERS, NULL, "{1b4e28ba-2fa1-11d2-883f-0016d3cca421,1b4e28ba-2fa1-11d2-883f-0016d3cca422}"},
    /* objects */
    {"\"details\":null", DETAILS, NULL, "{}"},
    {"\"details\":{}", DETAILS, NULL, "{}"},
    {"\"details\":{\"a\":[1,{\"b\":\"ş\"}]}", DETAILS, NULL, "{\"a\":[1.0,{\"b\":\"ş\"}]}"},
    {"\"details\":{\"a\":1,\"a\":2}", DETAILS, not_one_object, NULL},
    /* choices */
    {"\"colour\":\" blue \"", COLOUR, NULL, "blue"},
    {"\"colour\":\"Blue\"", COLOUR, "colour must be red or blue", NULL},
    {"\"colour\":\"green\"", COLOUR, "colour must be red or blue", NULL},
};

static void each_kind(void **state)
{
    for (size_t i = 0; i < COUNT(ones); i++) {
        const char *params[FIELDS] = {0};
        const char *error = read(*state, body_with(*state, ones[i].rest), params);
        assert_text(error, ones[i].error, ones[i].rest);
        if (!ones[i].error)
            assert_text(params[ones[i].field], ones[i].param, ones[i].rest);
    }
}

static void too_many_ids(void **state)
{
    struct buf ids = buf_new(*state);
    for (int i = 1; i <= 4; i++) {
        buf_printf(&ids, "%s\"1b4e28ba-2fa1-11d2-883f-0016d3cca42%d\"", i > 1 ? "," : "", i);
        const char *params[FIELDS];
        const char *error =
            read(*state, body_with(*state, arena_printf(*state, "\"members\":[%s,\"\"]", ids.text)), params);
        assert_text(error, i <= 3 ? NULL : "too many members", ids.text);
    }
}

static void texts_are_trimmed_and_counted(void **state)
{
    struct arena *arena = *state;
    static const struct {
        const char *title, *error, *param;
    } cases[] = {
        {"  abc  ", NULL, "abc"},
        {"abcde", NULL, "abcde"},
        {"abcdef", "title must be <= 5 chars", NULL},
        {"ab", "title must be at least 3 chars", NULL},
        {"", "title must be at least 3 chars", NULL},
        {"   ", "title must be at least 3 chars", NULL},
        {"\u00A0\u3000", "title must be at least 3 chars", NULL},
        {"ğüşiö", NULL, "ğüşiö"},
        {"ğüşiöç", "title must be <= 5 chars", NULL},
        {"👩‍🚀", NULL, "👩‍🚀"},
        {"👩‍🚀👩‍🚀", "title must be <= 5 chars", NULL},
        {"e\u0301e\u0301e", NULL, "e\u0301e\u0301e"},
        {"e\u0301e\u0301e\u0301", "title must be <= 5 chars", NULL},
        {"\\u0131\\ud83d\\ude00z", NULL, "ı😀z"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *params[FIELDS] = {0};
        assert_text(read(arena, arena_printf(arena, "{\"title\":\"%s\"}", cases[i].title), params), cases[i].error,
                    cases[i].title);
        if (!cases[i].error)
            assert_text(params[TITLE], cases[i].param, cases[i].title);
    }
}

static void an_empty_body_is_an_empty_object(void **state)
{
    static const struct field optional[] = {{.name = "slug", .kind = FIELD_TEXT}, {.kind = FIELD_END}};
    static const char *const bodies[] = {"", " \r\n\t", "{}", " { } ", "{\"slug\":null}", "{\"slug\":\"\"}"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const char *params[1] = {"unset"}, *required[FIELDS];
        assert_text(fields_read(optional, bodies[i], strlen(bodies[i]), *state, params), NULL, bodies[i]);
        assert_null(params[0]);
        if (i < 4)
            assert_text(read(*state, bodies[i], required), "title must be at least 3 chars", bodies[i]);
    }
    assert_int_equal(fields_count(optional), 1);
    assert_int_equal(fields_count(fields), FIELDS);
}

enum {
    NAME,
    BIO,
    TONE,
    SAMPLES,
    DO_NOT_SAY,
    CATCHPHRASES,
    LANGUAGE,
    FORMALITY,
    DRAFT_QUOTA,
    REPLY_QUOTA,
    PERSONA_FIELDS
};

#define SAMPLES_JSON "\"writing_samples\":[\"a\",\"b\",\"c\"]"

static void persona_defaults(void **state)
{
    static const char *const wanted[PERSONA_FIELDS] = {"Ada", "",   "neutral", "[\"a\",\"b\",\"c\"]", "[]", "[]", "en",
                                                       "1",   NULL, NULL};
    const char *params[PERSONA_FIELDS], body[] = "{\"name\":\" Ada \"," SAMPLES_JSON "}";
    assert_int_equal(fields_count(persona_fields), PERSONA_FIELDS);
    assert_int_equal(fields_count(persona_update_fields), PERSONA_FIELDS);
    assert_null(fields_read(persona_fields, body, strlen(body), *state, params));
    for (int i = 0; i < PERSONA_FIELDS; i++)
        assert_text(params[i], wanted[i], persona_fields[i].name);
}

static char *list_of(struct arena *arena, size_t items, const char *character, size_t length)
{
    struct buf list = buf_new(arena);
    for (size_t i = 0; i < items; i++)
        buf_printf(&list, "%s\"%s\"", i ? "," : "[", repeated(arena, character, length));
    buf_str(&list, "]");
    return list.text;
}

static char *quoted(struct arena *arena, size_t length)
{
    return arena_printf(arena, "\"%s\"", repeated(arena, "ş", length));
}

static void persona_bounds(void **state)
{
    struct arena *arena = *state;
    const struct {
        const char *name, *value, *want;
    } cases[] = {
        {"name", "\"\"", "name is required"},
        {"name", quoted(arena, 80), NULL},
        {"name", quoted(arena, 81), "name must be <= 80 chars"},
        {"bio", quoted(arena, 500), NULL},
        {"bio", quoted(arena, 501), "bio must be <= 500 chars"},
        {"tone", quoted(arena, 60), NULL},
        {"tone", quoted(arena, 61), "tone must be <= 60 chars"},
        {"writing_samples", "null", "writing_samples must contain exactly 3 short examples"},
        {"writing_samples", "[]", "writing_samples must contain exactly 3 short examples"},
        {"writing_samples", "[\"a\",\"b\",\" \"]", "writing_samples must contain exactly 3 short examples"},
        {"writing_samples", "[\"a\",\"b\",\" \",\"c\"]", NULL},
        {"writing_samples", list_of(arena, 4, "a", 1), "writing_samples must contain exactly 3 short examples"},
        {"writing_samples", list_of(arena, 3, "ş", 180), NULL},
        {"writing_samples", list_of(arena, 3, "ş", 181), "writing_samples items must be <= 180 chars"},
        {"do_not_say", list_of(arena, 50, "ş", 120), NULL},
        {"do_not_say", list_of(arena, 51, "ş", 1), "do_not_say must contain at most 50 items"},
        {"do_not_say", list_of(arena, 1, "ş", 121), "do_not_say items must be <= 120 chars"},
        {"catchphrases", list_of(arena, 20, "😀", 80), NULL},
        {"catchphrases", list_of(arena, 21, "a", 1), "catchphrases must contain at most 20 items"},
        {"catchphrases", list_of(arena, 1, "a", 81), "catchphrases items must be <= 80 chars"},
        {"preferred_language", "\"tr\"", NULL},
        {"preferred_language", "\"de\"", "preferred_language must be tr or en"},
        {"formality", "0", NULL},
        {"formality", "3", NULL},
        {"formality", "4", "formality must be between 0 and 3"},
        {"formality", "-1", "formality must be between 0 and 3"},
        {"daily_draft_quota", "1000000000000", NULL},
        {"daily_draft_quota", "1000000000001", "daily_draft_quota must be <= 1000000000000"},
        {"daily_reply_quota", "1000000000001", "daily_reply_quota must be <= 1000000000000"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf body = buf_new(arena);
        const char *params[PERSONA_FIELDS], *name = cases[i].name;
        buf_printf(&body, "{\"%s\":%s", name, cases[i].value);
        buf_str(&body, strcmp(name, "name") ? ",\"name\":\"Ada\"" : "");
        buf_str(&body, strcmp(name, "writing_samples") ? "," SAMPLES_JSON : "");
        buf_str(&body, strcmp(name, "daily_draft_quota") ? ",\"daily_draft_quota\":1" : "");
        buf_str(&body, strcmp(name, "daily_reply_quota") ? ",\"daily_reply_quota\":1}" : "}");
        assert_text(fields_read(persona_fields, body.text, body.len, arena, params), cases[i].want, body.text);
        assert_text(fields_read(persona_update_fields, body.text, body.len, arena, params), cases[i].want, body.text);
    }
}

static void persona_quotas(void **state)
{
    struct arena *arena = *state;
    static const struct {
        const char *quotas, *created, *updated;
    } cases[] = {
        {"\"daily_draft_quota\":1,\"daily_reply_quota\":1", NULL, NULL},
        {"\"daily_draft_quota\":1", NULL, "quotas must be positive"},
        {"\"daily_reply_quota\":1", NULL, "quotas must be positive"},
        {"\"daily_draft_quota\":null,\"daily_reply_quota\":1", NULL, "quotas must be positive"},
        {"\"daily_draft_quota\":0,\"daily_reply_quota\":1", NULL, "quotas must be positive"},
        {"\"daily_draft_quota\":1,\"daily_reply_quota\":-7", NULL, "quotas must be positive"},
        {"\"daily_draft_quota\":-9999999999,\"daily_reply_quota\":1", "daily_draft_quota must be <= 1000000000000",
         "quotas must be positive"},
        {"\"daily_draft_quota\":1,\"daily_reply_quota\":99999999999999999999",
         "daily_reply_quota must be <= 1000000000000", "daily_reply_quota must be <= 1000000000000"},
        {"\"daily_draft_quota\":1.5,\"daily_reply_quota\":1", "daily_draft_quota must be an integer",
         "daily_draft_quota must be an integer"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *params[PERSONA_FIELDS],
            *body = arena_printf(arena, "{\"name\":\"Ada\"," SAMPLES_JSON ",%s}", cases[i].quotas);
        assert_text(fields_read(persona_fields, body, strlen(body), arena, params), cases[i].created, body);
        assert_text(fields_read(persona_update_fields, body, strlen(body), arena, params), cases[i].updated, body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(what_is_no_single_object),
                                       arena_test(raw_nuls),
                                       arena_test(deep_nesting),
                                       arena_test(unknown_names),
                                       arena_test(wrong_types),
                                       arena_test(each_kind),
                                       arena_test(too_many_ids),
                                       arena_test(texts_are_trimmed_and_counted),
                                       arena_test(an_empty_body_is_an_empty_object),
                                       arena_test(persona_defaults),
                                       arena_test(persona_bounds),
                                       arena_test(persona_quotas)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
