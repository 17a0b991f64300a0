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
        {&job, 1, 0.5, 30000}, {&job, 2, 0.5, 60000}, {&job, 3, 0.5, 120000}, {&job, 5, 0.5, 480000}, {&job, 6, 0.5, 600000}, {&job, 7, 0.5, 600000},
        {&job, 64, 0.5, 600000}, {&job, 4000000000u, 0.5, 600000}, {&job, 1, 0.0, 24000}, {&job, 1, 0.999999999, 35999}, {&job, 9, 0.0, 480000},
        {&job, 0, 0.5, 30000}, {&provider, 1, 0.0, 320}, {&provider, 2, 0.5, 800},
        {&eager, 3, 0.5, 1000}, {&brisk, 1, 0.0, 1000}, {&brisk, 1, 0.5, 1200},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = retry_delay_ms(cases[i].policy, cases[i].k, cases[i].roll);
        if (got != cases[i].want)
            fail_msg("case %zu: %llu ms", i, (unsigned long long)got);
    }
}

enum { NOW = 784111777 }; /* Sun, 06 Nov 1994 08:49:37 GMT */

static void retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint64_t want;
    } cases[] = {
        {"0", 0}, {"1", 1000}, {" 120 \t", 120000}, {"99999999999999999999999", 2147483648000}, {"2147483648", 2147483648000},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0}, {"Sun, 06 Nov 1994 08:50:00 GMT", 23000}, {"Sunday, 06-Nov-94 08:49:38 GMT", 1000},
        {"Sun Nov  6 08:49:39 1994", 2000}, {"Sat, 05 Nov 1994 08:49:37 GMT", 0}, {"Mon, 07 Nov 1994 08:49:37 GMT", 86400000},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 2147483648000},
        {"", UINT64_MAX}, {" ", UINT64_MAX}, {"-1", UINT64_MAX}, {"+1", UINT64_MAX}, {"1.5", UINT64_MAX}, {"12s", UINT64_MAX}, {"soon", UINT64_MAX},
        {"Sun, 06 Nov 1994 08:50:00", UINT64_MAX}, {"Sun, 06 Nov 1994 25:50:00 GMT", UINT64_MAX}, {"Sun, 06 Nov 1994 08:50:00 GMT+1", UINT64_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (retry_after_ms(cases[i].value, NOW) != cases[i].want)
            fail_msg("\"%s\": %llu ms", cases[i].value, (unsigned long long)retry_after_ms(cases[i].value, NOW));
}

static void retry_after_in_milliseconds(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint64_t want;
    } cases[] = {
        {"0", 0}, {"250", 250}, {" 1500 ", 1500}, {"12.0", 12}, {"12.25", 13}, {"99999999999999999999", 2147483648000},
        {"", UINT64_MAX}, {"x", UINT64_MAX}, {"-5", UINT64_MAX}, {"5ms", UINT64_MAX}, {"1.", UINT64_MAX}, {".5", UINT64_MAX}, {"1.5x", UINT64_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (retry_after_milliseconds(cases[i].value) != cases[i].want)
            fail_msg("\"%s\": %llu ms", cases[i].value, (unsigned long long)retry_after_milliseconds(cases[i].value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_and_stop_at_the_cap), cmocka_unit_test(retry_after), cmocka_unit_test(retry_after_in_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
