#include "unit.h"

#include <stdalign.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    struct arena *arena = *state;
    for (size_t size = 1; size < 20000; size = size * 3 + 1) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAA, size);
    }
}

static void pieces_do_not_overlap(void **state)
{
    struct arena *arena = *state;
    char *pieces[500];
    for (int i = 0; i < 500; i++)
        pieces[i] = arena_printf(arena, "piece %d of some length", i);
    for (int i = 0; i < 500; i++)
        assert_text(pieces[i], arena_printf(arena, "piece %d of some length", i), "arena_printf");
}

static void reused_memory_is_zeroed_again(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    memset(arena_alloc(arena, 2000), 0xAA, 2000);
    arena_free(arena);
    struct arena *again = arena_new();
    assert_ptr_equal(again, arena);
    const char *memory = arena_alloc(again, 2000);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(memory[i], 0);
    arena_free(again);
    arena_drain_spares();
}

static void copies_end_with_a_nul(void **state)
{
    struct arena *arena = *state;
    assert_text(arena_copy(arena, "abcdef", 3), "abc", "abcdef");
    assert_text(arena_copy(arena, NULL, 0), "", "nothing");
    assert_text(arena_strdup(arena, "ğ😀"), "ğ😀", "ğ😀");
    char *long_text = repeated(arena, "x", 100000);
    assert_int_equal(strlen(arena_printf(arena, "%s%s", long_text, long_text)), 200000);
}

struct journal {
    char text[8];
};

static void note_a(void *ctx)
{
    strcat(((struct journal *)ctx)->text, "a");
}

static void note_b(void *ctx)
{
    strcat(((struct journal *)ctx)->text, "b");
}

static void deferred_calls_run_once_last_first(void **state)
{
    (void)state;
    struct journal journal = {""};
    struct arena *arena = arena_new();
    arena_defer(arena, note_a, &journal);
    arena_defer(arena, note_b, &journal);
    assert_text(journal.text, "", "before the end");
    arena_free(arena);
    assert_text(journal.text, "ba", "after the end");
    arena_free(arena_new());
    assert_text(journal.text, "ba", "after reuse");
    arena_free(NULL);
    arena_drain_spares();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(memory_is_zeroed_and_aligned),
        arena_test(pieces_do_not_overlap),
        cmocka_unit_test(reused_memory_is_zeroed_again),
        arena_test(copies_end_with_a_nul),
        cmocka_unit_test(deferred_calls_run_once_last_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
