#include "unit.h"

#include "domain/turns.h"

struct thing {
    struct turn turn; /* first */
    const char *name;
};

/* Adds the thing and says what has no place any more. */
static const char *add(struct turns *turns, struct thing *thing, const char *client)
{
    bool is_full = turns_are_full_for(turns, client);
    struct thing *displaced = (struct thing *)turns_add(turns, &thing->turn, client);
    assert_int_equal(is_full, displaced == thing);
    return displaced ? displaced->name : "";
}

/* All that waits, in the order in which it is taken. */
static const char *take_all(struct turns *turns, struct arena *arena)
{
    const char *taken = "";
    for (struct thing *thing; (thing = (struct thing *)turns_take(turns));)
        taken = arena_printf(arena, "%s%s", taken, thing->name);
    return taken;
}

static void clients_take_turns(void **state)
{
    struct turns *turns = turns_new(10);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "x"}, {.name = "y"}, {.name = "p"}};
    static const char *const clients[] = {"one", "one", "one", "two", "two", "three"};
    for (size_t i = 0; i < COUNT(things); i++)
        assert_text(add(turns, &things[i], clients[i]), "", things[i].name);
    assert_text(take_all(turns, *state), "axpbyc", "three clients");
    assert_null(turns_take(turns));
    turns_free(turns);
}

static void who_comes_in_between_waits_for_one_of_each(void **state)
{
    struct turns *turns = turns_new(10);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "x"}};
    for (int i = 0; i < 3; i++)
        add(turns, &things[i], "one");
    assert_ptr_equal(turns_take(turns), &things[0].turn);
    add(turns, &things[3], "two");
    assert_text(take_all(turns, *state), "bxc", "the second client came later");
    turns_free(turns);
}

static void a_client_alone_may_fill_it(void **state)
{
    struct turns *turns = turns_new(3);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
    for (int i = 0; i < 3; i++)
        assert_text(add(turns, &things[i], "one"), "", things[i].name);
    assert_text(add(turns, &things[3], "one"), "d", "one too many");
    assert_text(take_all(turns, *state), "abc", "the first three");
    turns_free(turns);
}

/* Until both have as many: then the newcomer is refused, too. */
static void others_take_places_from_whoever_has_most(void **state)
{
    struct turns *turns = turns_new(4);
    struct thing things[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
    struct thing others[] = {{.name = "x"}, {.name = "y"}, {.name = "z"}};
    for (int i = 0; i < 4; i++)
        add(turns, &things[i], "one");
    assert_text(add(turns, &others[0], "two"), "d", "four against one");
    assert_text(add(turns, &others[1], "two"), "c", "three against two");
    assert_text(add(turns, &others[2], "two"), "z", "two against three");
    assert_text(take_all(turns, *state), "axby", "two of each");
    turns_free(turns);
}

static void no_room_at_all(void **state)
{
    (void)state;
    struct turns *turns = turns_new(0);
    struct thing thing = {.name = "a"};
    assert_text(add(turns, &thing, "one"), "a", "nothing may wait");
    turns_free(turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(clients_take_turns),
        arena_test(who_comes_in_between_waits_for_one_of_each),
        arena_test(a_client_alone_may_fill_it),
        arena_test(others_take_places_from_whoever_has_most),
        arena_test(no_room_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
