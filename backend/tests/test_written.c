#include "unit.h"

#include "domain/written.h"

static const char never[] = "content says a phrase that the persona never says", empty[] = "content cannot be empty",
                  too_long[] = "content exceeds max length", profane[] = "content failed profanity check",
                  spam[] = "content failed link spam check";

static const char *phrases[] = {"synergy", "günün sonunda"};
static const struct brief persona = {.max_chars = 40, .persona.do_not_say = {phrases, COUNT(phrases)}};

static void each_rule_in_its_order(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"A calm sentence. And a question?", NULL},
        {"synergyx is another word", NULL},
        {"Forty letters and no more, that is a fit.", too_long},
        {"Forty letters and no more, that's a fit.", NULL},
        {" \n", empty},
        {"Shit, synergy!", profane},
        {"http://a http://b http://c synergy", spam},
        {"SYNERGY, they said", never},
        {"Ve GÜNÜN\nSONUNDA?", never},
        {"A long one about synergy, and then about more.", too_long},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *wrong;
        enum written first = written_judge(&persona, cases[i].text, &(struct writing){.number = 1}, &wrong);
        assert_text(wrong, cases[i].want, cases[i].text);
        assert_int_equal(first, cases[i].want ? WRITTEN_AGAIN : WRITTEN_WELL);
    }
}

static void it_is_written_once_more_and_not_twice(void **state)
{
    (void)state;
    static const enum written of_bad[] = {[1] = WRITTEN_AGAIN, WRITTEN_BADLY, WRITTEN_BADLY};
    for (int number = 1; number < (int)COUNT(of_bad); number++) {
        const char *wrong;
        const struct writing writing = {.number = number, .took = 5, .left = 10};
        assert_int_equal(written_judge(&persona, "synergy", &writing, &wrong), of_bad[number]);
        assert_text(wrong, never, "synergy");
        assert_int_equal(written_judge(&persona, "fine", &writing, &wrong), WRITTEN_WELL);
        assert_null(wrong);
    }
}

static void it_is_written_once_more_where_the_time_is_left(void **state)
{
    (void)state;
    static const struct {
        struct writing writing;
        enum written want;
    } cases[] = {
        {{1, .took = 13000, .left = 1500}, WRITTEN_BADLY}, {{1, .took = 7000, .left = 7000}, WRITTEN_AGAIN},
        {{1, .took = 7001, .left = 7000}, WRITTEN_BADLY},  {{1, .took = 0, .left = 0}, WRITTEN_AGAIN},
        {{1, .took = 1, .left = 0}, WRITTEN_BADLY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *wrong;
        assert_int_equal(written_judge(&persona, "synergy", &cases[i].writing, &wrong), cases[i].want);
        assert_text(wrong, never, "synergy");
    }
}

static void some_time_is_kept_to_store_in(void **state)
{
    (void)state;
    assert_int_equal(written_reserve_ms(15000), 500);
    assert_int_equal(written_reserve_ms(1000), 500);
    assert_int_equal(written_reserve_ms(999), 499);
    assert_int_equal(written_reserve_ms(100), 50);
}

static void a_brief_without_bounds_has_none(void **state)
{
    struct arena *arena = *state;
    const char *wrong;
    assert_int_equal(
        written_judge(&(struct brief){0}, repeated(arena, "synergy ", 1000), &(struct writing){.number = 1}, &wrong),
        WRITTEN_WELL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_in_its_order),
        cmocka_unit_test(it_is_written_once_more_and_not_twice),
        cmocka_unit_test(it_is_written_once_more_where_the_time_is_left),
        cmocka_unit_test(some_time_is_kept_to_store_in),
        arena_test(a_brief_without_bounds_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
