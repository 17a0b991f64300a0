#include "unit.h"

#include <stdalign.h>
#include <sys/wait.h>
#include <unistd.h>

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

#if ADDRESS_SANITIZER

/* Volatile, as the compiler and its other sanitizer would see the mistakes, too. */
static volatile size_t piece_size = 21;
static volatile ptrdiff_t before_start = -1;
static char *volatile piece;

static void write_past_the_end(void)
{
    struct arena *arena = arena_new();
    piece = arena_alloc(arena, piece_size);
    arena_alloc(arena, 1); /* what the byte would overwrite if the pieces had no red zone */
    piece[piece_size] = 'x';
}

static void read_before_the_start(void)
{
    struct arena *arena = arena_new();
    arena_alloc(arena, piece_size);
    piece = arena_alloc(arena, piece_size);
    *(volatile char *)&piece[before_start];
}

static void read_after_the_end_of_the_arena(void)
{
    struct arena *arena = arena_new();
    piece = arena_alloc(arena, piece_size);
    arena_free(arena);
    arena_free(arena_new()); /* a request later */
    *(volatile char *)&piece[0];
}

/* Runs the mistake in a process of its own, and gives what the sanitizer wrote when it ended
 * that process. */
static char *last_words(struct arena *arena, void (*mistake)(void))
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        mistake();
        _exit(0);
    }
    close(ends[1]);
    char *words = arena_alloc(arena, 65536);
    ssize_t got;
    for (size_t len = 0; len < 65535 && (got = read(ends[0], words + len, 65535 - len)) > 0; len += (size_t)got)
        continue;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_not_equal(status, 0);
    return words;
}

static void a_byte_past_a_piece_is_found(void **state)
{
    assert_non_null(strstr(last_words(*state, write_past_the_end), "use-after-poison"));
    assert_non_null(strstr(last_words(*state, read_before_the_start), "use-after-poison"));
}

static void a_use_after_the_arenas_end_is_found(void **state)
{
    assert_non_null(strstr(last_words(*state, read_after_the_end_of_the_arena), "heap-use-after-free"));
}

#else

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

#endif

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
        arena_test(memory_is_zeroed_and_aligned), arena_test(pieces_do_not_overlap),
#if ADDRESS_SANITIZER
        arena_test(a_byte_past_a_piece_is_found), arena_test(a_use_after_the_arenas_end_is_found),
#else
        cmocka_unit_test(reused_memory_is_zeroed_again),
#endif
        arena_test(copies_end_with_a_nul),        cmocka_unit_test(deferred_calls_run_once_last_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
