#include "unit.h"

#include "base/clock.h"

static const struct moment {
    int64_t us;
    const char *text;
} moments[] = {
    {0, "1970-01-01T00:00:00.000000Z"},
    {1, "1970-01-01T00:00:00.000001Z"},
    {999999, "1970-01-01T00:00:00.999999Z"},
    {1000000, "1970-01-01T00:00:01.000000Z"},
    {951782400000000, "2000-02-29T00:00:00.000000Z"},
    {1795464900123456, "2026-11-23T20:15:00.123456Z"},
    {1795464900999999, "2026-11-23T20:15:00.999999Z"},
    {253402300799999999, "9999-12-31T23:59:59.999999Z"},
    {0, "1970-01-01T00:00:00.000000Z"},
};

static void times_as_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(moments); i++) {
        char text[RFC3339_SIZE];
        rfc3339_from_us(text, moments[i].us);
        assert_text(text, moments[i].text, moments[i].text);
    }
}

static void clocks_run_forward(void **state)
{
    (void)state;
    uint64_t first = clock_ns();
    assert_true(first > 0);
    assert_true(clock_ns() >= first);
    assert_true(clock_unix_us() > INT64_C(1700000000) * 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(times_as_text), cmocka_unit_test(clocks_run_forward)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
