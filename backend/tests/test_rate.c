#include "unit.h"

#include "domain/rate.h"

enum { WINDOW = 60000 };
static const struct rate_rule three = {.count = 3, .window_ms = WINDOW};

static struct rate_key key(uint64_t n)
{
    return (struct rate_key){.high = n * 0x9e3779b97f4a7c15u, .low = n};
}

static int with_four(void **state)
{
    *state = rate_table_new(4);
    return 0;
}

static int drop(void **state)
{
    rate_table_free(*state);
    return 0;
}

static void assert_state(struct rate_state state, bool allowed, int64_t left, int64_t resets_ms)
{
    assert_int_equal(state.allowed, allowed);
    assert_int_equal(state.left, left);
    assert_int_equal(state.resets_ms, resets_ms);
}

static void a_limit_is_reached_at_exactly_one_more(void **state)
{
    assert_state(rate_take(*state, key(1), &three, 1000), true, 2, WINDOW);
    assert_state(rate_take(*state, key(1), &three, 2000), true, 1, WINDOW - 1000);
    assert_state(rate_take(*state, key(1), &three, 2000), true, 0, WINDOW - 1000);
    assert_state(rate_take(*state, key(1), &three, 3000), false, 0, WINDOW - 2000);
    assert_state(rate_take(*state, key(2), &three, 3000), true, 2, WINDOW);
}

static void a_window_begins_with_the_first_event_and_refusals_do_not_prolong_it(void **state)
{
    for (int i = 0; i < 9; i++)
        (void)rate_take(*state, key(1), &three, 1000 + i);
    assert_state(rate_take(*state, key(1), &three, 1000 + WINDOW - 1), false, 0, 1);
    assert_state(rate_take(*state, key(1), &three, 1000 + WINDOW), true, 2, WINDOW);
}

static void looking_counts_nothing(void **state)
{
    for (int i = 0; i < 9; i++)
        assert_state(rate_look(*state, key(1), &three, 1000), true, 3, WINDOW);
    assert_int_equal(rate_table_keys(*state), 0);
    for (int i = 0; i < 3; i++)
        (void)rate_take(*state, key(1), &three, 1000);
    assert_state(rate_look(*state, key(1), &three, 1500), false, 0, WINDOW - 500);
    assert_state(rate_look(*state, key(1), &three, 1000 + WINDOW), true, 3, WINDOW);
}

static void a_clock_that_steps_back_begins_nothing_anew(void **state)
{
    for (int i = 0; i < 3; i++)
        (void)rate_take(*state, key(1), &three, 1000);
    assert_state(rate_take(*state, key(1), &three, 990), false, 0, WINDOW);
}

static void a_lower_limit_holds_at_once(void **state)
{
    static const struct rate_rule one = {.count = 1, .window_ms = WINDOW};
    for (int i = 0; i < 3; i++)
        (void)rate_take(*state, key(1), &three, 1000);
    assert_state(rate_take(*state, key(1), &one, 1000), false, 0, WINDOW);
}

static void at_the_bound_the_oldest_window_is_forgotten(void **state)
{
    for (int i = 0; i < 3; i++)
        for (uint64_t n = 1; n <= 4; n++)
            (void)rate_take(*state, key(n), &three, (int64_t)n);
    assert_false(rate_take(*state, key(1), &three, 10).allowed);
    assert_true(rate_take(*state, key(5), &three, 10).allowed);
    assert_int_equal(rate_table_keys(*state), 4);
    for (uint64_t n = 2; n <= 4; n++)
        assert_false(rate_look(*state, key(n), &three, 10).allowed);
    assert_state(rate_look(*state, key(1), &three, 10), true, 3, WINDOW);
}

static void windows_that_are_over_make_room_first(void **state)
{
    for (uint64_t n = 1; n <= 4; n++)
        (void)rate_take(*state, key(n), &three, n < 3 ? 0 : WINDOW / 2);
    (void)rate_take(*state, key(5), &three, WINDOW);
    assert_int_equal(rate_table_keys(*state), 3);
    assert_int_equal(rate_look(*state, key(3), &three, WINDOW).left, 2);
    assert_int_equal(rate_look(*state, key(4), &three, WINDOW).left, 2);
}

/* Against a plain array of every key's window, through many ends and returns, with buckets that
 * are shared. */
static void it_counts_as_a_plain_array_does(void **state)
{
    (void)state;
    enum { KEYS = 50, EVENTS = 20000, STEP = 37 };
    struct rate_table *table = rate_table_new(KEYS);
    struct {
        int64_t began, count;
    } plain[KEYS] = {{0}};
    uint32_t random = 1;
    for (int64_t at = 1, i = 0; i < EVENTS; i++, at += random % STEP) {
        random = random * 1664525 + 1013904223;
        uint32_t k = (random >> 16) % KEYS;
        if (plain[k].count == 0 || at >= plain[k].began + WINDOW) {
            plain[k].began = at;
            plain[k].count = 0;
        }
        bool want = plain[k].count < three.count;
        plain[k].count += want;
        struct rate_state got = rate_take(table, (struct rate_key){.high = k, .low = k % 3}, &three, at);
        if (got.allowed != want || got.left != three.count - plain[k].count ||
            got.resets_ms != plain[k].began + WINDOW - at)
            fail_msg("event %d of key %u", (int)i, k);
    }
    rate_table_free(table);
}

static void a_million_keys_stay_within_the_bound(void **state)
{
    (void)state;
    enum { BOUND = 1000, MANY = 1000000 };
    struct rate_table *table = rate_table_new(BOUND);
    for (uint64_t n = 0; n < MANY; n++)
        assert_true(rate_take(table, key(n), &three, 0).allowed);
    assert_int_equal(rate_table_keys(table), BOUND);
    assert_int_equal(rate_look(table, key(MANY - BOUND), &three, 0).left, 2);
    assert_int_equal(rate_look(table, key(MANY - BOUND - 1), &three, 0).left, 3);
    rate_table_free(table);
}

int main(void)
{
#define four_test(fn) cmocka_unit_test_setup_teardown(fn, with_four, drop)
    const struct CMUnitTest tests[] = {
        four_test(a_limit_is_reached_at_exactly_one_more),
        four_test(a_window_begins_with_the_first_event_and_refusals_do_not_prolong_it),
        four_test(looking_counts_nothing),
        four_test(a_clock_that_steps_back_begins_nothing_anew),
        four_test(a_lower_limit_holds_at_once),
        four_test(at_the_bound_the_oldest_window_is_forgotten),
        four_test(windows_that_are_over_make_room_first),
        cmocka_unit_test(it_counts_as_a_plain_array_does),
        cmocka_unit_test(a_million_keys_stay_within_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
