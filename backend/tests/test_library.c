#include "unit.h"

#include "sys/library.h"

static int (*absolute)(int);
static void *unknown;

static void functions_are_found(void **state)
{
    (void)state;
    const struct library_function functions[] = {{"abs", &absolute}};
    struct err err = {0};
    assert_true(library_load("the C library", "libc.so.6", functions, COUNT(functions), &err));
    assert_int_equal(absolute(-3), 3);
    assert_string_equal(err.text, "");
}

static void what_is_missing_is_named(void **state)
{
    const struct library_function functions[] = {{"abs", &absolute}, {"no_such_function", &unknown}};
    static const struct {
        const char *file, *named;
    } cases[] = {{"libno-such-library.so.1", "libno-such-library.so.1"}, {"libc.so.6", "no_such_function"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err;
        assert_false(library_load("Something", cases[i].file, functions, COUNT(functions), &err));
        assert_text(arena_printf(*state, "%.25s", err.text), "while loading Something: ", cases[i].file);
        assert_non_null(strstr(err.text, cases[i].named));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(functions_are_found), arena_test(what_is_missing_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
