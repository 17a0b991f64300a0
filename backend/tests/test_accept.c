/* Which type of content and which language a client would rather have. */
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

static void the_language_that_weighs_most_counts(void **state)
{
    (void)state;
    enum { EN, TR };
    static const char *const languages[] = {[EN] = "en", [TR] = "tr"};
    static const struct {
        const char *header;
        size_t language;
    } cases[] = {
        {NULL, EN},
        {"", EN},
        {"*", EN},
        {"tr", TR},
        {"TR", TR},
        {"tr-CY", TR},
        {"tr-Latn-TR;q=0.2", TR},
        {"trv", EN}, /* Seediq */
        {"t", EN},
        {"de", EN},
        {"de, tr;q=0.1", TR},
        {"tr, en", TR},
        {"en, tr", EN},
        {"tr;q=0.8, en;q=0.9", EN},
        {"tr;q=0.9, en;q=0.8", TR},
        {"en-GB;q=0.5, tr;q=0.6, en;q=0.7", EN},
        {"tr;q=0", EN},
        {"tr;q=2, en", EN},
        {"tr;q=0.001", TR},
        {"*, tr;q=0.5", TR}, /* anything is fine, and it is named */
        {" ;q=1 , ,tr ; q=1", TR},
        {"\"tr\"", EN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s\n", cases[i].header ? cases[i].header : "(none)");
        assert_int_equal(accept_language(cases[i].header, languages, COUNT(languages)), cases[i].language);
    }
}

static void a_coding_is_wanted_where_it_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        int brotli, gzip;
    } cases[] = {
        {NULL, 0, 0},
        {"", 0, 0},
        {"gzip", 0, 1000},
        {"gzip, deflate, br, zstd", 1000, 1000},
        {"GZIP;q=0.5, br;q=0", 0, 500},
        {"*", 1000, 1000},
        {"br;q=0, *;q=0.1", 0, 100},
        {"*;q=0", 0, 0},
        {"brotli, xgzip", 0, 0},
        {"br;q=x, gzip;q=2", 0, 0},
        {"identity", 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s\n", cases[i].header ? cases[i].header : "(none)");
        assert_int_equal(accept_coding(cases[i].header, "br"), cases[i].brotli);
        assert_int_equal(accept_coding(cases[i].header, "gzip"), cases[i].gzip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_closest_range_counts),
        cmocka_unit_test(the_language_that_weighs_most_counts),
        cmocka_unit_test(a_coding_is_wanted_where_it_is_named),
        cmocka_unit_test(a_weight_that_is_none_takes_the_member_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
