#include "unit.h"

#include <stdio.h>

#include "domain/id_set.h"

static const uint32_t now_s = 1700000000;

static uint64_t key_of_number(unsigned n)
{
    char id[UUID_SIZE];
    snprintf(id, sizeof id, "%08x-9dc0-41d1-b245-5ffdce74fad2", n);
    return id_set_key(id);
}

static void has_what_was_added_and_nothing_else(void **state)
{
    (void)state;
    enum { MANY = 10000 };
    struct id_set *set = id_set_new();
    for (unsigned n = 0; n < MANY; n++) {
        assert_false(id_set_has(set, key_of_number(n)));
        id_set_add(set, key_of_number(n), now_s + 1);
    }
    assert_int_equal(id_set_count(set), MANY);
    for (unsigned n = 0; n < 2 * MANY; n++)
        assert_int_equal(id_set_has(set, key_of_number(n)), n < MANY);
    id_set_free(set);
}

static void every_digit_counts_in_either_case(void **state)
{
    (void)state;
    const char id[UUID_SIZE] = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
    assert_true(id_set_key(id) == id_set_key("7D444840-9DC0-41D1-B245-5FFDCE74FAD2"));
    assert_true(id_set_key(id) != id_set_key("7d444840-9dc0-41d1-b245-5ffdce74fad3"));
    assert_true(id_set_key(id) != id_set_key("6d444840-9dc0-41d1-b245-5ffdce74fad2"));
    assert_true(id_set_key("00000000-0000-0000-0000-000000000000") != 0);
}

static void an_id_stays_until_the_later_of_its_times(void **state)
{
    (void)state;
    struct id_set *set = id_set_new();
    id_set_add(set, 5, now_s + 10);
    id_set_add(set, 5, now_s + 5);
    id_set_add(set, 6, now_s + 5);
    assert_int_equal(id_set_count(set), 2);
    id_set_forget(set, now_s + 4);
    assert_true(id_set_has(set, 5) && id_set_has(set, 6));
    id_set_forget(set, now_s + 5);
    assert_true(id_set_has(set, 5) && !id_set_has(set, 6));
    id_set_forget(set, now_s + 10);
    assert_int_equal(id_set_count(set), 0);
    assert_false(id_set_has(set, 5));
    id_set_free(set);
}

/* Those that collide stay to be found when one of them goes. */
static void neighbours_outlive_each_other(void **state)
{
    (void)state;
    struct id_set *set = id_set_new();
    for (uint64_t n = 1; n <= 10; n++)
        id_set_add(set, n << 32, now_s + (uint32_t)n);
    for (uint64_t gone = 1; gone <= 10; gone++) {
        id_set_forget(set, now_s + (uint32_t)gone);
        for (uint64_t n = 1; n <= 10; n++)
            assert_int_equal(id_set_has(set, n << 32), n > gone);
    }
    id_set_free(set);
    id_set_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_what_was_added_and_nothing_else),
        cmocka_unit_test(every_digit_counts_in_either_case),
        cmocka_unit_test(an_id_stays_until_the_later_of_its_times),
        cmocka_unit_test(neighbours_outlive_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
