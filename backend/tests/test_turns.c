#include "unit.h"

#include "base/turns.h"

enum { ONE = 0x1000000, TWO = 0x2000000, THREE = 0x3000000 };

struct thing {
    struct turn turn; /* first */
    const char *name;
};

/* A /64 of IPv6 by its number, in its /56 and /48. */
static struct turn_origin origin(uint64_t network)
{
    return (struct turn_origin){{network, network >> 8 << 8, network >> 16 << 16}};
}

/* Adds the thing and says what has no place any more. */
static const char *add_to(struct turns *turns, int lane, struct thing *thing, uint64_t network)
{
    thing->turn = (struct turn){.origin = origin(network), .lane = lane};
    bool is_full = turns_are_full_for(turns, lane, &thing->turn.origin);
    struct thing *displaced = (struct thing *)turns_add(turns, &thing->turn);
    assert_int_equal(is_full, displaced == thing);
    return displaced ? displaced->name : "";
}

static const char *add(struct turns *turns, struct thing *thing, uint64_t network)
{
    return add_to(turns, 0, thing, network);
}

/* All that waits, in the order in which it is taken. */
static const char *take_all(struct turns *turns, struct arena *arena)
{
    const char *taken = "";
    for (struct thing *thing; (thing = (struct thing *)turns_take(turns));)
        taken = arena_printf(arena, "%s%s", taken, thing->name);
    return taken;
}

static void networks_take_turns(void **state)
{
    struct turns *turns = turns_new(1, 10);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "x"}, {.name = "y"}, {.name = "p"}};
    static const uint64_t networks[] = {ONE, ONE, ONE, TWO, TWO, THREE};
    for (size_t i = 0; i < COUNT(things); i++)
        assert_text(add(turns, &things[i], networks[i]), "", things[i].name);
    assert_text(take_all(turns, *state), "axpbyc", "three networks");
    assert_null(turns_take(turns));
    turns_free(turns);
}

static void who_comes_in_between_waits_for_one_of_each(void **state)
{
    struct turns *turns = turns_new(1, 10);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "x"}};
    for (int i = 0; i < 3; i++)
        add(turns, &things[i], ONE);
    assert_ptr_equal(turns_take(turns), &things[0].turn);
    add(turns, &things[3], TWO);
    assert_text(take_all(turns, *state), "bxc", "the second network came later");
    turns_free(turns);
}

static void a_round_ends_where_new_networks_keep_coming(void **state)
{
    struct turns *turns = turns_new(1, 10);
    struct thing own[] = {{.name = "a"}, {.name = "b"}}, others[20] = {0};
    add(turns, &own[0], ONE);
    add(turns, &own[1], ONE);
    int taken = 0;
    for (; turns_take(turns) != &own[1].turn && taken < (int)COUNT(others); taken++)
        add(turns, &others[taken], TWO + (uint64_t)taken * ONE);
    assert_in_range(taken, 1, 3);
    take_all(turns, *state);
    turns_free(turns);
}

static void a_network_alone_may_fill_a_lane(void **state)
{
    struct turns *turns = turns_new(1, 3);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
    for (int i = 0; i < 3; i++)
        assert_text(add(turns, &things[i], ONE), "", things[i].name);
    assert_text(add(turns, &things[3], ONE), "d", "one too many");
    assert_text(take_all(turns, *state), "abc", "the first three");
    turns_free(turns);
}

/* Until both have as many: then the newcomer is refused, too. */
static void others_take_places_from_whoever_has_most(void **state)
{
    struct turns *turns = turns_new(1, 4);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
    struct thing others[] = {{.name = "x"}, {.name = "y"}, {.name = "z"}};
    for (int i = 0; i < 4; i++)
        add(turns, &things[i], ONE);
    assert_text(add(turns, &others[0], TWO), "d", "four against one");
    assert_text(add(turns, &others[1], TWO), "c", "three against two");
    assert_text(add(turns, &others[2], TWO), "z", "two against three");
    assert_text(take_all(turns, *state), "axby", "two of each");
    turns_free(turns);
}

/* How many of 40 things from networks that are `step` apart go before one from elsewhere that came
 * last. */
static int before_another(struct arena *arena, uint64_t step)
{
    struct turns *turns = turns_new(1, 64);
    struct thing things[40] = {0}, another = {.name = "x"};
    for (size_t i = 0; i < COUNT(things); i++) {
        things[i].name = "a";
        add(turns, &things[i], ONE + i * step);
    }
    add(turns, &another, UINT64_C(0x9000000000));
    const char *taken = take_all(turns, arena);
    turns_free(turns);
    return (int)strcspn(taken, "x");
}

static void wider_networks_have_few_turns(void **state)
{
    assert_int_equal(before_another(*state, 0), 1);
    assert_int_equal(before_another(*state, 1), 4);        /* all in one /56 */
    assert_int_equal(before_another(*state, 0x100), 16);   /* in one /48 */
    assert_int_equal(before_another(*state, 0x10000), 40); /* in many */
}

static void lanes_take_turns(void **state)
{
    struct turns *turns = turns_new(2, 4);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
    struct thing others[] = {{.name = "x"}, {.name = "y"}};
    for (uint64_t i = 0; i < COUNT(things); i++)
        add_to(turns, 0, &things[i], ONE + i * ONE);
    for (size_t i = 0; i < COUNT(others); i++)
        add_to(turns, 1, &others[i], ONE);
    assert_text(take_all(turns, *state), "xaybcd", "two lanes");
    turns_free(turns);
}

static void a_full_lane_leaves_the_others_their_room(void **state)
{
    struct turns *turns = turns_new(2, 1);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "x"}};
    add_to(turns, 0, &things[0], ONE);
    assert_text(add_to(turns, 0, &things[1], TWO), "b", "the lane is full");
    assert_text(add_to(turns, 1, &things[2], TWO), "", "the other lane has room");
    take_all(turns, *state);
    turns_free(turns);
}

static void who_leaves_gives_the_place_back(void **state)
{
    struct turns *turns = turns_new(1, 2);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    add(turns, &things[0], ONE);
    add(turns, &things[1], TWO);
    assert_true(turns_remove(turns, &things[1].turn));
    assert_false(turns_remove(turns, &things[1].turn));
    assert_text(add(turns, &things[2], THREE), "", "there is room again");
    assert_text(take_all(turns, *state), "ac", "who stayed");
    turns_free(turns);
}

static void no_room_at_all(void **state)
{
    (void)state;
    struct turns *turns = turns_new(1, 0);
    struct thing thing = {.name = "a"};
    assert_text(add(turns, &thing, ONE), "a", "nothing may wait");
    turns_free(turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(networks_take_turns),
        arena_test(who_comes_in_between_waits_for_one_of_each),
        arena_test(a_round_ends_where_new_networks_keep_coming),
        arena_test(a_network_alone_may_fill_a_lane),
        arena_test(others_take_places_from_whoever_has_most),
        arena_test(wider_networks_have_few_turns),
        arena_test(lanes_take_turns),
        arena_test(a_full_lane_leaves_the_others_their_room),
        arena_test(who_leaves_gives_the_place_back),
        arena_test(no_room_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
