/* Settings' values: each kind at its bounds and just past them, and what is none. */
#include "unit.h"

#include "config/setting.h"

static const char *const colours[] = {"red", "blue", NULL};

enum { SECONDS_2 = 2000, SECONDS_20 = 20000 };
static const struct setting number = {.name = "N", .kind = NUMBER, .min = 2, .max = 20};
static const struct setting duration = {.name = "D", .kind = DURATION, .min = SECONDS_2, .max = SECONDS_20};
static const struct setting boolean = {.name = "B", .kind = BOOLEAN};
static const struct setting choice = {.name = "C", .kind = CHOICE, .choices = colours};
static const struct setting fraction = {.name = "F", .kind = FRACTION, .min = 0, .max = 1};
static const struct setting rate = {.name = "R", .kind = RATE, .min = 1000, .max = 3600000};

static void whole_values(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const struct setting *setting;
        const char *text;
        bool is_read;
        int64_t value;
    } cases[] = {
        {&number, "2", true, 2}, {&number, "20", true, 20}, {&number, "1", false, 0}, {&number, "21", false, 0},
        {&number, "", false, 0}, {&number, " 5", false, 0}, {&number, "5 ", false, 0}, {&number, "0x5", false, 0},
        {&number, "5.0", false, 0}, {&number, "9223372036854775808", false, 0}, {&number, "-9223372036854775809", false, 0},
        {&duration, "2s", true, 2000}, {&duration, "20s", true, 20000}, {&duration, "1999ms", false, 0},
        {&duration, "20001ms", false, 0}, {&duration, "1.5s500ms", true, 2000}, {&duration, "0m3s", true, 3000},
        {&duration, "5", false, 0}, {&duration, "5d", false, 0}, {&duration, "-5s", false, 0}, {&duration, "0x10s", false, 0},
        {&duration, "1e1s", false, 0}, {&duration, "1.2.3s", false, 0}, {&duration, "s", false, 0}, {&duration, "5s ", false, 0},
        {&duration, "99999999999999999999999h", false, 0},
        {&boolean, "1", true, 1}, {&boolean, "TRUE", true, 1}, {&boolean, "yes", true, 1}, {&boolean, "on", true, 1},
        {&boolean, "0", true, 0}, {&boolean, "false", true, 0}, {&boolean, "No", true, 0}, {&boolean, "off", true, 0},
        {&boolean, "2", false, 0}, {&boolean, "maybe", false, 0}, {&boolean, "", false, 0},
        {&choice, "red", true, 0}, {&choice, "BLUE", true, 1}, {&choice, "green", false, 0}, {&choice, "", false, 0},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = -1;
        if (setting_read(cases[i].setting, cases[i].text, &value) != cases[i].is_read)
            fail_msg("\"%s\" for %s", cases[i].text, cases[i].setting->name);
        if (cases[i].is_read)
            assert_int_equal(value, cases[i].value);
    }
}

static void fractions(void **state)
{
    (void)state;
    static const char *const none[] = {"",     "1.01",   "-0.1", "nan",   "inf", " 0.5",
                                       "0.5 ", "0x1p-1", "1e-1", "0.5.5", "."};
    double value;
    assert_true(setting_read(&fraction, "0", &value) && value == 0);
    assert_true(setting_read(&fraction, "1", &value) && value == 1);
    assert_true(setting_read(&fraction, "0.25", &value) && value == 0.25);
    for (size_t i = 0; i < COUNT(none); i++)
        if (setting_read(&fraction, none[i], &value))
            fail_msg("\"%s\" is read as %f", none[i], value);
}

static void rates(void **state)
{
    (void)state;
    static const char *const none[] = {"",        "120",  "/1m",  "120/", "0/1m",          "-1/1m",
                                       "1/5",     "1/",   " 1/s", "1 /s", "1000000001/1m", "99999999999999999999/1m",
                                       "1/999ms", "1/61m"};
    struct rate value;
    assert_true(setting_read(&rate, "120/1m", &value) && value.count == 120 && value.window == 60000);
    assert_true(setting_read(&rate, "1/1s", &value) && value.count == 1 && value.window == 1000);
    assert_true(setting_read(&rate, "1000000000/1h", &value) && value.count == 1000000000);
    for (size_t i = 0; i < COUNT(none); i++)
        if (setting_read(&rate, none[i], &value))
            fail_msg("\"%s\" is read", none[i]);
}

static void bounds_are_told_without_the_value(void **state)
{
    (void)state;
    char out[SETTING_SIZE];
    assert_string_equal(setting_bounds(&number, out), "2 to 20");
    assert_string_equal(setting_bounds(&duration, out), "2s to 20s");
    assert_string_equal(setting_bounds(&choice, out), "red, blue");
    assert_string_equal(setting_bounds(&fraction, out), "0 to 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_values),
        cmocka_unit_test(fractions),
        cmocka_unit_test(rates),
        cmocka_unit_test(bounds_are_told_without_the_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
