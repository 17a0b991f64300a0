#include "unit.h"

#include "domain/retry.h"

static const struct retry_policy job = {.base_ms = 30000, .max_ms = 600000, .least_ms = 1000};
static const struct retry_policy provider = {.base_ms = 400, .max_ms = 20000, .least_ms = 50};
static const struct retry_policy eager = {.base_ms = 0, .max_ms = 10, .least_ms = 1000};
static const struct retry_policy brisk = {.base_ms = 1200, .max_ms = 600000, .least_ms = 1000};

static void delays_double_and_stop_at_the_cap(void **state)
{
    (void)state;
    static const struct {
        const struct retry_policy *policy;
        unsigned k;
        double roll;
        uint64_t want;
    } cases[] = {
        {&job, 1, 0.5, 30000},    {&job, 2, 0.5, 60000},
        {&job, 3, 0.5, 120000},   {&job, 5, 0.5, 480000},
        {&job, 6, 0.5, 600000},   {&job, 7, 0.5, 600000},
        {&job, 64, 0.5, 600000},  {&job, 4000000000u, 0.5, 600000},
        {&job, 1, 0.0, 24000},    {&job, 1, 0.999999999, 35999},
        {&job, 9, 0.0, 480000},   {&job, 0, 0.5, 30000},
        {&provider, 1, 0.0, 320}, {&provider, 2, 0.5, 800},
        {&eager, 3, 0.5, 1000},   {&brisk, 1, 0.0, 1000},
        {&brisk, 1, 0.5, 1200},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = retry_delay_ms(cases[i].policy, cases[i].k, cases[i].roll);
        if (got != cases[i].want)
            fail_msg("case %zu: %llu ms", i, (unsigned long long)got);
    }
}

enum { NOW = 784111777, DAY_MS = 24 * 60 * 60 * 1000 }; /* Sun, 06 Nov 1994 08:49:37 GMT */

static void waits_that_servers_name(void **state)
{
    (void)state;
    static const struct {
        const char *retry_after, *retry_after_ms;
        uint64_t want;
    } cases[] = {
        {NULL, NULL, RETRY_UNNAMED},
        /* seconds */
        {"0", NULL, 0},
        {"1", NULL, 1000},
        {" 120 \t", NULL, 120000},
        /* a date in its three forms */
        {"Sun, 06 Nov 1994 08:50:00 GMT", NULL, 23000},
        {"Sunday, 06-Nov-94 08:49:38 GMT", NULL, 1000},
        {"Sun Nov  6 08:49:39 1994", NULL, 2000},
        /* now, and in the past */
        {"Sun, 06 Nov 1994 08:49:37 GMT", NULL, 0},
        {"Sat, 05 Nov 1994 08:49:37 GMT", NULL, 0},
        {"Thu, 01 Jan 1970 00:00:00 GMT", NULL, 0},
        /* absurdly long */
        {"86400", NULL, DAY_MS},
        {"86401", NULL, DAY_MS},
        {"99999999999999999999999", NULL, DAY_MS},
        {"Mon, 07 Nov 1994 08:49:37 GMT", NULL, DAY_MS},
        {"Mon, 07 Nov 1994 08:49:38 GMT", NULL, DAY_MS},
        {"Fri, 31 Dec 9999 23:59:59 GMT", NULL, DAY_MS},
        /* malformed */
        {"", NULL, RETRY_UNNAMED},
        {" ", NULL, RETRY_UNNAMED},
        {"-1", NULL, RETRY_UNNAMED},
        {"+1", NULL, RETRY_UNNAMED},
        {"1.5", NULL, RETRY_UNNAMED},
        {"12s", NULL, RETRY_UNNAMED},
        {"soon", NULL, RETRY_UNNAMED},
        {"1, 60", NULL, RETRY_UNNAMED},
        {"Sun, 06 Nov 1994 08:50:00", NULL, RETRY_UNNAMED},
        {"Sun, 06 Nov 1994 25:50:00 GMT", NULL, RETRY_UNNAMED},
        {"Sun, 06 Nov 1994 08:50:00 GMT+1", NULL, RETRY_UNNAMED},
        /* milliseconds */
        {NULL, "0", 0},
        {NULL, "250", 250},
        {NULL, " 1500 ", 1500},
        {NULL, "12.0", 12},
        {NULL, "12.25", 13},
        {NULL, "86399999.5", DAY_MS},
        {NULL, "86400000.5", DAY_MS},
        {NULL, "99999999999999999999", DAY_MS},
        {NULL, "", RETRY_UNNAMED},
        {NULL, "x", RETRY_UNNAMED},
        {NULL, "-5", RETRY_UNNAMED},
        {NULL, "5ms", RETRY_UNNAMED},
        {NULL, "1.", RETRY_UNNAMED},
        {NULL, ".5", RETRY_UNNAMED},
        {NULL, "1.5x", RETRY_UNNAMED},
        /* both: the finer one, unless it can't be read */
        {"60", "120", 120},
        {"0", "120", 120},
        {"60", "0", 0},
        {"soon", "120", 120},
        {"60", "soon", 60000},
        {"60", "", 60000},
        {"soon", "soon", RETRY_UNNAMED},
        {"Sun, 06 Nov 1994 08:50:00 GMT", "99999999999999999999", DAY_MS},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = retry_named_ms(cases[i].retry_after, cases[i].retry_after_ms, NOW);
        if (got != cases[i].want)
            fail_msg("case %zu, \"%s\", \"%s\": %llu ms", i, cases[i].retry_after ? cases[i].retry_after : "-",
                     cases[i].retry_after_ms ? cases[i].retry_after_ms : "-", (unsigned long long)got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_and_stop_at_the_cap),
        cmocka_unit_test(waits_that_servers_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
