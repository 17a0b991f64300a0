#include "unit.h"

#include "base/buf.h"
#include "domain/event_fields.h"

static void names(void **state)
{
    (void)state;
    assert_text(event_name("battle_shared"), "battle_shared", "as it is");
    assert_text(event_name("Battle_SHARED"), "battle_shared", "in any case");
    static const char *const others[] = {
        "", "battle", "battle_shared2", "battle-shared", "battle shared", " battle_shared"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_null(event_name(others[i]));
    int count = 0;
    while (event_names[count])
        count++;
    assert_int_equal(count, 16);
}

static void what_clients_send(void **state)
{
    (void)state;
    assert_true(event_is_clients("battle_shared"));
    assert_true(event_is_clients("public_battle_viewed"));
    assert_false(event_is_clients("remix_completed"));
    int count = 0;
    for (const char *const *name = event_names; *name; name++)
        count += event_is_clients(*name);
    assert_int_equal(count, 9);
}

static void what_is_left(void **state)
{
    static const struct {
        const char *given, *left;
    } cases[] = {
        {"{}", "{}"},
        {"{\"a\":1}", "{\"a\":1}"},
        {"{\"content\":1,\"Message\":2,\"CONTEXT\":3,\"somebodyElse\":4,\"tex\":5}", "{\"tex\":5}"},
        {"{\"a\":{\"b\":[{\"text\":1,\"c\":2}]}}", "{\"a\":{\"b\":[{\"c\":2}]}}"},
        {"{\"a\":\" x \\n\",\"b\":\"\\u3000\",\"c\":\"\"}", "{\"a\":\"x\"}"},
        {"{\"a\":null,\"b\":[],\"c\":{},\"d\":[null,[],{\"e\":\"\"}]}", "{}"},
        {"{\"a\":false,\"b\":true,\"c\":0}", "{\"a\":false,\"b\":true,\"c\":0}"},
        {"{\"a\":{\"b\":{\"c\":{\"d\":1}}}}", "{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"},
        {"{\"a\":{\"b\":{\"c\":{\"d\":[1],\"e\":{\"f\":1},\"g\":2}}}}", "{\"a\":{\"b\":{\"c\":{\"g\":2}}}}"},
        {"{\"a\":[[[[1]]]]}", "{}"},
        {"{\"a\":[[[1]]]}", "{\"a\":[[[1]]]}"},
        {"{\"a\":12.0,\"b\":-0.5,\"c\":0.1,\"d\":9007199254740991,\"e\":1e20}",
         "{\"a\":12,\"b\":-0.5,\"c\":0.1,\"d\":9007199254740991,\"e\":1e20}"},
        {"{\"\":1}", "{\"\":1}"},
        {"{\"a\":\"\\\"\\\\\\u0007é🦊\"}", "{\"a\":\"\\\"\\\\\\u0007é🦊\"}"},
        {"[1]", "{}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(event_metadata(cases[i].given, *state), cases[i].left, cases[i].given);
}

static void texts_are_cut_in_code_points(void **state)
{
    static const struct {
        size_t given, left;
    } cases[] = {{179, 179}, {180, 180}, {181, 180}, {4000, 180}};
    static const char *const characters[] = {"a", "é", "🦊"};
    for (size_t i = 0; i < COUNT(cases) * COUNT(characters); i++) {
        const char *character = characters[i / COUNT(cases)];
        const char *given =
            arena_printf(*state, "{\"a\":\" %s \"}", repeated(*state, character, cases[i % COUNT(cases)].given));
        const char *left =
            arena_printf(*state, "{\"a\":\"%s\"}", repeated(*state, character, cases[i % COUNT(cases)].left));
        assert_text(event_metadata(given, *state), left, character);
    }
}

static void the_first_25_that_are_left_stay(void **state)
{
    struct buf list = buf_new(*state), object = buf_new(*state);
    for (int i = 0; i < 30; i++) {
        buf_printf(&list, "%snull,%d", i ? "," : "", i);
        buf_printf(&object, "%s\"text%d\":1,\"k%d\":%d", i ? "," : "", i, i, i);
    }
    struct buf kept_list = buf_new(*state), kept_object = buf_new(*state);
    for (int i = 0; i < 25; i++) {
        buf_printf(&kept_list, "%s%d", i ? "," : "", i);
        buf_printf(&kept_object, "%s\"k%d\":%d", i ? "," : "", i, i);
    }
    const char *given = arena_printf(*state, "{\"a\":[%s],\"b\":{%s}}", list.text, object.text);
    const char *left = arena_printf(*state, "{\"a\":[%s],\"b\":{%s}}", kept_list.text, kept_object.text);
    assert_text(event_metadata(given, *state), left, "25 entries");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(names),
        arena_test(what_clients_send),
        arena_test(what_is_left),
        arena_test(texts_are_cut_in_code_points),
        arena_test(the_first_25_that_are_left_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
