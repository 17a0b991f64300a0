/* Which type of content a client would rather have. */
#include "sys/http/accept.h"

#include <stdio.h>

#include "unit.h"

static const char events[] = "text/event-stream";

static void the_closest_range_counts(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        enum accept_range range;
        int weight;
    } cases[] = {
        {NULL, ACCEPT_ANY, 1000},
        {"", ACCEPT_NOT, 0},
        {"*/*", ACCEPT_ANY, 1000},
        {"text/*", ACCEPT_GROUP, 1000},
        {"text/event-stream", ACCEPT_NAMED, 1000},
        {"TEXT/Event-Stream", ACCEPT_NAMED, 1000},
        {"text/event-streams", ACCEPT_NOT, 0},
        {"text/event-strea", ACCEPT_NOT, 0},
        {"application/json", ACCEPT_NOT, 0},
        {"application/json, text/event-stream", ACCEPT_NAMED, 1000},
        {"*/*;q=0.1, text/event-stream;q=0.5, text/*", ACCEPT_NAMED, 500},
        {"text/*;q=0.25 ,*/*", ACCEPT_GROUP, 250},
        {"text/event-stream;q=0", ACCEPT_NAMED, 0},
        {"text/event-stream ; Q=0.123 ", ACCEPT_NAMED, 123},
        {"text/event-stream;level=1;q=0.4", ACCEPT_NAMED, 400},
        {"text/event-stream;a=\"x,y;q=0\";q=1.000", ACCEPT_NAMED, 1000},
        {"application/json;a=\"\\\",text/event-stream\"", ACCEPT_NOT, 0},
        {",, ,text/event-stream", ACCEPT_NAMED, 1000},
        {"text/event-stream,text/event-stream;q=0.5", ACCEPT_NAMED, 1000},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct accepted found = accept_of(cases[i].accept, events);
        print_message("%s\n", cases[i].accept ? cases[i].accept : "(none)");
        assert_int_equal(found.range, cases[i].range);
        assert_int_equal(found.weight, cases[i].weight);
    }
}

static void a_weight_that_is_none_takes_the_member_away(void **state)
{
    (void)state;
    static const char *const weights[] = {"", "2", "1.001", "0.1234", ".5", "-0", "1.0x", "a", "0x1", "1e0"};
    char accept[64];
    for (size_t i = 0; i < COUNT(weights); i++) {
        snprintf(accept, sizeof accept, "text/*;q=0.5,text/event-stream;q=%s", weights[i]);
        print_message("%s\n", accept);
        assert_int_equal(accept_of(accept, events).range, ACCEPT_GROUP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_closest_range_counts),
        cmocka_unit_test(a_weight_that_is_none_takes_the_member_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
