/* What is done with jobs of each type, against the statements that the rows name. */
#include "unit.h"

#include "config/job_types.h"
#include "worker/job/types.h"

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
    for (int i = 0; i < JOB_TYPES; i++) {
        const struct job_work *work = job_work_find(job_types[i].name);
        assert_int_equal(given(&work->brief), sql_statements[work->brief.sql].params);
        assert_int_equal(given(&work->store), sql_statements[work->store.sql].params);
    }
}

static void every_store_is_fenced_and_stores_the_text(void **state)
{
    (void)state;
    for (int i = 0; i < JOB_TYPES; i++) {
        const struct job_work *work = job_work_find(job_types[i].name);
        if (work->mail)
            continue; /* nothing is stored */
        assert_true(sql_statements[work->store.sql].writes);
        assert_true(gives(&work->store, VALUE_JOB) && gives(&work->store, VALUE_TOKEN) &&
                    gives(&work->store, VALUE_TEXT));
        assert_int_equal(gives(&work->store, VALUE_BASIS), work->has_basis);
        assert_int_equal(gives(&work->store, VALUE_DEGRADED), work->stand_in || work->without_model);
    }
}

static void every_type_has_its_own_work(void **state)
{
    (void)state;
    for (int i = 0; i < JOB_TYPES; i++) {
        const struct job_work *work = job_work_find(job_types[i].name);
        assert_true(work->without_model || work->max_len);
        for (int j = 0; j < i; j++) {
            const struct job_work *other = job_work_find(job_types[j].name);
            assert_true(work->mail ? work->mail != other->mail : work->store.sql != other->store.sql);
        }
    }
}

static void other_types_are_unsupported(void **state)
{
    static const char *const others[] = {"", "knit_sweater", "generate_reply ", "GENERATE_REPLY"};
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++)
        assert_null(job_work_find(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_gets_as_many_values_as_it_uses),
        cmocka_unit_test(every_store_is_fenced_and_stores_the_text),
        cmocka_unit_test(every_type_has_its_own_work),
        cmocka_unit_test(other_types_are_unsupported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
