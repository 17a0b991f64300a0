#include "base/duration.h"

#include "unit.h"

static void durations_are_sums_of_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"0s", 0},
                 {"1ms", 1},
                 {"15s", 15000},
                 {"10m", 600000},
                 {"168h", 168 * HOUR},
                 {"1h30m", 5400000},
                 {"1.5s", 1500},
                 {"1m1m", 2 * MINUTE},
                 {"0.0004s", 0},
                 {"0.0005s", 1},
                 {"1s1ms", 1001},
                 {"1.s", 1000},
                 {"277777777h", 277777777 * HOUR}};
    static const char *const none[] = {"",      "s",      "5",   "5 s",  " 5s",  "5s ",        "5S",
                                       "-5s",   "+5s",    "5d",  "5sm",  "5mss", "1h-1m",      "0x10s",
                                       "1e3ms", "1.2.3s", ".5s", "infs", "nans", "277777778h", "1e400h"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms = -1;
        if (duration_read(cases[i].text, &ms) != (cases[i].ms >= 0) || (cases[i].ms >= 0 && ms != cases[i].ms))
            fail_msg("\"%s\" is %lld", cases[i].text, (long long)ms);
    }
    for (size_t i = 0; i < COUNT(none); i++) {
        int64_t ms;
        if (duration_read(none[i], &ms))
            fail_msg("\"%s\" is read as %lld", none[i], (long long)ms);
    }
}

static void durations_are_written_in_their_largest_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "0ms"},    {1, "1ms"},     {1500, "1500ms"}, {2000, "2s"},
                 {60000, "1m"}, {90000, "90s"}, {7200000, "2h"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[32];
        assert_int_equal(duration_write(out, sizeof out, cases[i].ms), strlen(cases[i].text));
        assert_string_equal(out, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_sums_of_units),
        cmocka_unit_test(durations_are_written_in_their_largest_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
