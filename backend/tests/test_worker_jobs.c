/* The table of job types against the statements that its rows name. */
#include "unit.h"

#include "service/queue_gauges.h"
#include "worker/job/types.h"

static const char *const supported[] = {"generate_reply", "summarize_thread", "persona_digest", "weekly_digest"};

static int given(const struct job_statement *statement)
{
    int count = 0;
    while (count < JOB_PARAMS_MAX && statement->params[count] != VALUE_NONE)
        count++;
    return count;
}

static bool gives(const struct job_statement *statement, enum job_value value)
{
    for (int i = 0; i < JOB_PARAMS_MAX; i++)
        if (statement->params[i] == value)
            return true;
    return false;
}

static void every_statement_gets_as_many_values_as_it_uses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(supported); i++) {
        const struct job_type *type = job_type_find(supported[i]);
        assert_int_equal(given(&type->brief), sql_statements[type->brief.sql].params);
        assert_int_equal(given(&type->store), sql_statements[type->store.sql].params);
    }
}

static void every_store_is_fenced_and_stores_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(supported); i++) {
        const struct job_type *type = job_type_find(supported[i]);
        assert_true(sql_statements[type->store.sql].writes);
        assert_true(gives(&type->store, VALUE_JOB) && gives(&type->store, VALUE_TOKEN) &&
                    gives(&type->store, VALUE_TEXT));
        assert_int_equal(gives(&type->store, VALUE_BASIS), type->has_basis);
        assert_int_equal(gives(&type->store, VALUE_DEGRADED), type->stand_in || type->without_model);
    }
}

static void supported_types_are_known_to_the_gauges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(supported); i++) {
        int at = 0;
        while (job_type_names[at] && strcmp(job_type_names[at], supported[i]) != 0)
            at++;
        assert_non_null(job_type_names[at]);
    }
}

static void other_types_are_unsupported(void **state)
{
    static const char *const others[] = {"", "knit_sweater", "generate_reply ", "GENERATE_REPLY"};
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++)
        assert_null(job_type_find(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_gets_as_many_values_as_it_uses),
        cmocka_unit_test(every_store_is_fenced_and_stores_the_text),
        cmocka_unit_test(supported_types_are_known_to_the_gauges),
        cmocka_unit_test(other_types_are_unsupported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
