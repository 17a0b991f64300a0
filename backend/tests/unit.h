/* For every unit test: cmocka with what it needs before it, and an arena per test in *state. */
#ifndef PW_UNIT_H
#define PW_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* base.h has a function of the name of cmocka's macro, which fail_msg needs. */
#undef fail
#undef fail_msg
#define fail_msg(fmt, ...) (print_error("ERROR: " fmt "\n", __VA_ARGS__), _fail(__FILE__, __LINE__))

#include "base/arena.h"

static inline int with_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static inline int drop_arena(void **state)
{
    arena_free(*state);
    arena_drain_spares();
    return 0;
}

#define arena_test(fn) cmocka_unit_test_setup_teardown(fn, with_arena, drop_arena)

/* `text` n times in a row. */
static inline char *repeated(struct arena *arena, const char *text, size_t n)
{
    size_t len = strlen(text);
    char *out = arena_alloc(arena, len * n + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * len, text, len);
    return out;
}

/* Fails with the case's input in the message, where cmocka alone would show two values without
 * saying of what. */
#define assert_text(got, want, of)                                                           \
    do {                                                                                     \
        const char *got_ = (got), *want_ = (want);                                           \
        if (strcmp(got_ ? got_ : "(null)", want_ ? want_ : "(null)") != 0)                   \
            fail_msg("of \"%.200s\": got \"%s\", want \"%s\"", (of), got_ ? got_ : "(null)", \
                     want_ ? want_ : "(null)");                                              \
    } while (0)

#endif
