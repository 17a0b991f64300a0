/* `limit` and `cursor`, each case with the parameters that the statement gets. */
#include "api/http/paging.h"

#include "unit.h"

#define ID "7d444840-9dc0-41d1-b245-5ffdce74fad2"

static const char *value; /* in the URL's query; NULL: it isn't there */

const char *call_query_value(struct call *call, const char *name)
{
    (void)call;
    check_expected_ptr(name);
    return value;
}

void call_param(struct call *call, const char *param)
{
    call->params[call->param_count++] = param;
}

void call_number_param(struct call *call, int64_t number)
{
    call_param(call, arena_printf(call->arena, "%lld", (long long)number));
}

static void limits_are_1_to_100(void **state)
{
    static const char past[] = "limit must be between 1 and 100", none[] = "limit must be a number";
    static const struct {
        const char *text, *problem, *param;
    } cases[] = {
        {NULL, NULL, "20"},
        {"", NULL, "20"},
        {"1", NULL, "1"},
        {"100", NULL, "100"},
        {"0050", NULL, "50"},
        {"0", past, NULL},
        {"101", past, NULL},
        {"-1", past, NULL},
        {"-100", past, NULL},
        {"999999999", past, NULL},
        {"9999999999", past, NULL},
        {"18446744073709551617", past, NULL},
        {"-9223372036854775809", past, NULL},
        {"-", none, NULL},
        {"--1", none, NULL},
        {"+1", none, NULL},
        {" 1", none, NULL},
        {"1 ", none, NULL},
        {"1.0", none, NULL},
        {"1e1", none, NULL},
        {"0x10", none, NULL},
        {"ten", none, NULL},
        {"\xd9\xa1", none, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct call call = {.arena = *state};
        value = cases[i].text;
        expect_string(call_query_value, name, "limit");
        const char *shown = value ? value : "(not there)";
        assert_text(paging_limit(&call, 20), cases[i].problem ? cases[i].problem : "(null)", shown);
        if (cases[i].param) {
            assert_int_equal(call.param_count, 1);
            assert_text(call.params[0], cases[i].param, shown);
        }
    }
}

static void cursors_are_a_time_and_an_id(void **state)
{
    static const struct {
        const char *text, *micros, *id;
    } cases[] = {
        {NULL, NULL, NULL},
        {"", NULL, NULL},
        {"0-" ID, "0", ID},
        {"1764308104123456-" ID, "1764308104123456", ID},
        {"999999999999999999-" ID, "999999999999999999", ID},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct call call = {.arena = *state};
        value = cases[i].text;
        expect_string(call_query_value, name, "cursor");
        assert_null(paging_cursor(&call));
        assert_int_equal(call.param_count, 2);
        for (int column = 0; column < 2; column++)
            assert_text(call.params[column],
                        column            ? cases[i].id ? ID : "(null)"
                        : cases[i].micros ? cases[i].micros
                                          : "(null)",
                        value ? value : "(not there)");
    }
}

static void what_is_no_cursor_reaches_no_statement(void **state)
{
    static const char *const none[] = {
        "-",
        "1",
        "1-",
        ID,
        "-" ID,
        "-1-" ID,
        "+1-" ID,
        " 1-" ID,
        "1 -" ID,
        "1--" ID,
        "1-" ID " ",
        "1-" ID "0",
        "1.5-" ID,
        "0x1-" ID,
        "1000000000000000000-" ID,
        "99999999999999999999999999-" ID,
        "1-7d444840-9dc0-41d1-b245-5ffdce74fad",
        "1-7d444840-9dc0-01d1-b245-5ffdce74fad2",
        "1-7d444840x9dc0-41d1-b245-5ffdce74fad2",
        "1-' OR 1=1 --",
    };
    for (size_t i = 0; i < COUNT(none); i++) {
        struct call call = {.arena = *state};
        value = none[i];
        expect_string(call_query_value, name, "cursor");
        assert_text(paging_cursor(&call), "invalid cursor", value);
        assert_int_equal(call.param_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(limits_are_1_to_100),
        arena_test(cursors_are_a_time_and_an_id),
        arena_test(what_is_no_cursor_reaches_no_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
