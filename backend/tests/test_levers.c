#include "unit.h"

#include <stdio.h>

#include "config/levers.h"

#define PAUSE_OF_WEEKLY_DIGEST ((enum lever)(LEVER_PAUSES + JOB_TYPE_WEEKLY_DIGEST))

static const struct {
    enum lever lever;
    const char *text, *written; /* NULL: refused */
} values[] = {
    {LEVER_LLM_PROVIDER, "mock", "mock"},
    {LEVER_LLM_PROVIDER, "OPENAI", "openai"},
    {LEVER_LLM_PROVIDER, "", NULL},
    {LEVER_LLM_MAX_CONCURRENCY, "100000", "100000"},
    {LEVER_LLM_MAX_CONCURRENCY, "100001", NULL},
    {LEVER_RATE_AUTH, "1000000000/24h", "1000000000/24h"}, /* the largest that there is */
    {LEVER_RATE_AUTH, "1/1s", "1/1s"},
    {LEVER_RATE_AUTH, "1000000001/1m", NULL},
    {LEVER_RATE_AUTH, "1/999ms", NULL},
    {LEVER_RATE_AUTH, "-1/1m", NULL},
    {LEVER_JOB_RETRY_BASE, "1h30m", NULL},
    {LEVER_JOB_RETRY_MAX, "1h30m", "90m"},
    {LEVER_WORKER_CONCURRENCY, " 5", NULL},
    {PAUSE_OF_WEEKLY_DIGEST, "false", "false"},
    {PAUSE_OF_WEEKLY_DIGEST, "True", NULL},
    {PAUSE_OF_WEEKLY_DIGEST, "1", NULL},
};

static void test_values_are_read_within_bounds_and_written_in_one_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        int64_t value;
        struct err err;
        char text[LEVER_TEXT];
        bool was_read = lever_parse(values[i].lever, values[i].text, &value, &err);
        assert_text(was_read ? lever_format(values[i].lever, value, text) : NULL, values[i].written, values[i].text);
    }
}

static void test_what_is_not_set_is_as_configured(void **state)
{
    (void)state;
    const struct rate configured = {.count = 7, .window = 60000};
    int64_t value;
    struct err err;
    assert_int_equal(lever_value(LEVER_WORKER_CONCURRENCY, 32), 32);
    lever_set(LEVER_WORKER_CONCURRENCY, 4);
    assert_int_equal(lever_value(LEVER_WORKER_CONCURRENCY, 32), 4);
    lever_clear(LEVER_WORKER_CONCURRENCY);
    assert_int_equal(lever_value(LEVER_WORKER_CONCURRENCY, 32), 32);
    lever_set(LEVER_LLM_PROVIDER, PROVIDER_MOCK); /* its number is 0 */
    assert_int_equal(lever_value(LEVER_LLM_PROVIDER, PROVIDER_OPENAI), PROVIDER_MOCK);
    assert_int_equal(lever_rate(LEVER_RATE_LLM, configured).count, 7);
    assert_true(lever_parse(LEVER_RATE_LLM, "1000000000/24h", &value, &err));
    lever_set(LEVER_RATE_LLM, value);
    assert_int_equal(lever_rate(LEVER_RATE_LLM, configured).count, 1000000000);
    assert_int_equal(lever_rate(LEVER_RATE_LLM, configured).window, 24 * 3600 * 1000);
}

static void test_every_lever_is_found_by_its_key_and_has_a_configured_value(void **state)
{
    (void)state;
    static struct config config;
    struct err err;
    assert_true(config_read(&config, &err));
    for (enum lever lever = 0, found; lever < LEVERS; lever++) {
        char text[LEVER_TEXT];
        int64_t configured = lever_configured(lever, &config), again;
        assert_true(lever_find(lever_key(lever), &found) && found == lever);
        assert_true(lever_parse(lever, lever_format(lever, configured, text), &again, &err));
        assert_int_equal(again, configured);
        assert_true(*lever_help(lever) && *lever_bounds(lever, text));
    }
}

/* A TEXT or a FRACTION has no form as one number, and -1 would be read as "not set". */
static void test_no_levers_setting_is_of_a_kind_or_has_a_value_that_a_lever_cannot_hold(void **state)
{
    static const char *const below_zero[] = {"-1", "-1ms", "-1/1m", "-9223372036854775808"};
    (void)state;
    static struct config config;
    struct err err;
    assert_true(config_read(&config, &err));
    for (enum lever lever = 0; lever < LEVERS; lever++) {
        char text[LEVER_TEXT];
        int64_t value;
        assert_true(*lever_format(lever, lever_configured(lever, &config), text));
        for (size_t i = 0; i < COUNT(below_zero); i++)
            assert_false(lever_parse(lever, below_zero[i], &value, &err));
    }
}

static void test_every_job_type_has_a_pause_of_its_name_and_nothing_else_is_one(void **state)
{
    (void)state;
    for (int i = 0; i < JOB_TYPES; i++) {
        char key[64];
        enum lever found, pause = lever_pause((enum job_type_id)i);
        snprintf(key, sizeof key, "queue.pause.%s", job_types[i].name);
        assert_true(lever_find(key, &found) && found == pause && lever_is_pause(pause));
    }
    for (enum lever lever = 0; lever < LEVERS; lever++)
        assert_int_equal(lever_is_pause(lever), strncmp(lever_key(lever), "queue.pause.", 12) == 0);
}

static void test_a_type_without_a_row_has_the_priority_of_others(void **state)
{
    static const char *const others[] = {"", "knit_sweater", "generate_reply ", "GENERATE_REPLY"};
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_null(job_type_find(others[i]));
        assert_int_equal(job_type_priority(others[i]), JOB_PRIORITY_OTHER);
    }
    for (int i = 0; i < JOB_TYPES; i++) {
        assert_ptr_equal(job_type_find(job_types[i].name), &job_types[i]);
        assert_int_equal(job_type_priority(job_types[i].name), job_types[i].priority);
        assert_in_range(job_types[i].priority, 0, JOB_PRIORITIES - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_read_within_bounds_and_written_in_one_form),
        cmocka_unit_test(test_what_is_not_set_is_as_configured),
        cmocka_unit_test(test_every_lever_is_found_by_its_key_and_has_a_configured_value),
        cmocka_unit_test(test_no_levers_setting_is_of_a_kind_or_has_a_value_that_a_lever_cannot_hold),
        cmocka_unit_test(test_every_job_type_has_a_pause_of_its_name_and_nothing_else_is_one),
        cmocka_unit_test(test_a_type_without_a_row_has_the_priority_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
