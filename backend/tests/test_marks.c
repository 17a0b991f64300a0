/* What claims look at: up with what was claimed, down to what was found waiting. */
#include "unit.h"

#include "worker/marks.h"

enum { SECOND = 1000000 };

static const struct marks none;

static void assert_marks(const struct marks *marks, const char *text)
{
    char actual[MARKS_TEXT_SIZE];
    marks_text(marks, actual);
    assert_string_equal(actual, text);
}

static void at_first_claims_look_at_everything(void **state)
{
    (void)state;
    assert_marks(&(struct marks){0}, "{0,0,0,0,0,0}");
}

static void a_claim_raises_its_priority_alone_and_never_lowers(void **state)
{
    (void)state;
    struct marks marks = {0};
    marks_raise(&marks, &none, 2, 100 * (int64_t)SECOND);
    assert_marks(&marks, "{0,0,99000000,0,0,0}");
    marks_raise(&marks, &none, 2, 50 * (int64_t)SECOND);
    marks_raise(&marks, &none, 1, LATE_COMMIT_US);
    marks_raise(&marks, &none, 3, LATE_COMMIT_US + 1);
    assert_marks(&marks, "{0,0,99000000,1,0,0}");
}

static void what_waits_below_brings_the_mark_down_to_it(void **state)
{
    (void)state;
    struct marks marks = {{10, 10, 10, 10, 10, 10}};
    marks_lower(&marks, 0, 11);
    marks_lower(&marks, 1, 10);
    marks_lower(&marks, 2, 9);
    marks_lower(&marks, 3, -1); /* before 1970: everything */
    assert_marks(&marks, "{10,10,9,0,10,10}");
}

static void a_mark_that_came_down_during_a_claim_stays_down(void **state)
{
    (void)state;
    struct marks marks = {{10, 10, 10, 10, 10, 10}};
    const struct marks sent = marks;
    marks_lower(&marks, 1, 5);
    for (int priority = 0; priority < 2; priority++) {
        marks_raise(&marks, &sent, priority, LATE_COMMIT_US + 20);
        marks_raise(&marks, &sent, priority, LATE_COMMIT_US + 30);
    }
    assert_marks(&marks, "{30,5,10,10,10,10}");
    marks_raise(&marks, &(struct marks){{30, 5, 10, 10, 10, 10}}, 1, LATE_COMMIT_US + 5); /* the next claim */
    marks_raise(&marks, &(struct marks){{30, 5, 10, 10, 10, 10}}, 1, LATE_COMMIT_US + 40);
    assert_marks(&marks, "{30,40,10,10,10,10}");
}

static void an_unknown_priority_changes_nothing(void **state)
{
    (void)state;
    struct marks marks = {{10, 10, 10, 10, 10, 10}};
    for (int i = 0; i < 2; i++) {
        marks_raise(&marks, &none, i ? JOB_PRIORITIES : -1, INT64_MAX);
        marks_lower(&marks, i ? JOB_PRIORITIES : -1, 0);
    }
    assert_marks(&marks, "{10,10,10,10,10,10}");
}

static void the_longest_text_has_room(void **state)
{
    (void)state;
    assert_marks(&(struct marks){{INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}},
                 "{9223372036854775807,9223372036854775807,9223372036854775807,"
                 "9223372036854775807,9223372036854775807,9223372036854775807}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_first_claims_look_at_everything),
        cmocka_unit_test(a_claim_raises_its_priority_alone_and_never_lowers),
        cmocka_unit_test(what_waits_below_brings_the_mark_down_to_it),
        cmocka_unit_test(a_mark_that_came_down_during_a_claim_stays_down),
        cmocka_unit_test(an_unknown_priority_changes_nothing),
        cmocka_unit_test(the_longest_text_has_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
