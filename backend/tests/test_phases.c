/* Lists of connections: whatever moves where, each list is whole and in order. */
#include "sys/http/phases.h"

#include <stdlib.h>
#include <time.h>

#include "unit.h"

enum { PEOPLE = 40 };

static struct phases phases;
static struct phased all[PEOPLE];

static int with_none(void **state)
{
    (void)state;
    phases = (struct phases){0};
    memset(all, 0, sizeof all);
    return 0;
}

/* The list of a phase from both ends: as many as are counted, in order. */
static void assert_whole(enum phase phase)
{
    int found = 0;
    const struct phased *before = NULL;
    for (const struct phased *p = phases.oldest[phase]; p; before = p, p = p->next, found++) {
        assert_int_equal(p->phase, phase);
        assert_ptr_equal(p->prev, before);
        assert_true(!before || before->since <= p->since);
    }
    assert_ptr_equal(phases.newest[phase], before);
    assert_int_equal(phases.count[phase], found);
}

static void the_oldest_stands_in_front(void **state)
{
    (void)state;
    static const uint64_t since[] = {5, 7, 3, 6, 3, 9};
    static const int order[] = {2, 4, 0, 3, 1, 5}; /* of equals the one that came first */
    for (size_t i = 0; i < COUNT(since); i++) {
        phases_enter(&phases, &all[i], READING, since[i]);
        assert_whole(READING);
    }
    assert_int_equal(phases_count(&phases), COUNT(since));
    for (size_t i = 0; i < COUNT(order); i++) {
        assert_ptr_equal(phases.oldest[READING], &all[order[i]]);
        phases_leave(&phases, phases.oldest[READING]);
        assert_whole(READING);
    }
    assert_int_equal(phases_count(&phases), 0);
}

static void moves_keep_every_list_whole(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    for (int i = 0; i < PEOPLE; i++)
        phases_enter(&phases, &all[i], OPENING, (uint64_t)i);
    for (int i = 0; i < 10000; i++) {
        enum phase from = all[rand() % PEOPLE].phase, to = (enum phase)(rand() % PHASES);
        phases_move(&phases, rand() % 2 ? phases.oldest[from] : phases.newest[from], to, (uint64_t)(rand() % 100));
        assert_whole(from);
        assert_whole(to);
        assert_int_equal(phases_count(&phases), PEOPLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_oldest_stands_in_front, with_none),
        cmocka_unit_test_setup(moves_keep_every_list_whole, with_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
