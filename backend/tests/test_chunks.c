/* A body in chunks: its bytes, its end, and what is refused; in one piece and byte by byte. */
#include "chunked_body.h"
#include "unit.h"

static void assert_body(void **state, const char *bytes, const char *data, const char *behind)
{
    size_t len = strlen(bytes);
    for (size_t step = 1; step <= len; step++) {
        struct body body = body_of(*state, bytes, len, step);
        if (body.found != CHUNKS_WHOLE)
            fail_msg("not whole: %s", bytes);
        assert_string_equal(body.data.text, data);
        assert_string_equal(bytes + body.used, behind);
    }
}

static void assert_broken(void **state, const char *bytes, size_t len)
{
    for (size_t step = 1; step <= len; step++)
        if (body_of(*state, bytes, len, step).found != CHUNKS_BROKEN)
            fail_msg("read: %s", bytes);
}

static void chunks_are_put_together(void **state)
{
    assert_body(state, "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\nGET", "abc0123456789", "GET");
    assert_body(state, "0\r\n\r\n", "", "");
    assert_body(state, "4\r\n\r\n\r\n\r\n00\r\n\r\n", "\r\n\r\n", "");
}

static void extensions_and_trailers_are_ignored(void **state)
{
    assert_body(state, "1;a=b;c=\"d e\"\r\nx\r\n0 ; a\r\nA: b\r\nC:\r\n\r\nG", "x", "G");
}

static void a_size_has_sixteen_digits_and_63_bits(void **state)
{
    static const char most[] = "7ffffffffffffff0\r\nab";
    struct body body = body_of(*state, most, sizeof most - 1, 100);
    assert_int_equal(body.found, CHUNKS_MORE);
    assert_string_equal(body.data.text, "ab");
    assert_body(state, "0000000000000001\r\na\r\n0\r\n\r\n", "a", "");
    assert_broken(state, "8000000000000000\r\n", 18);
    assert_broken(state, "00000000000000001\r\n", 19);
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } all[] = {
        {"\r\n", 2},
        {" 1\r\n", 4},
        {"+1\r\n", 4},
        {"0x1\r\n", 5},
        {"-1\r\n", 4},
        {";a\r\n", 4},
        {"1 1\r\n", 5},
        {"1\n", 2},
        {"1\rx", 3},
        {"1;a\n", 4},
        {"1;a\rb", 5},
        {"1;\0", 3},
        {"1;\x7f", 3},
        {"1\r\nab", 5},
        {"1\r\na\n", 5},
        {"1\r\na\rb", 6},
        {"0\r\n\n", 4},
        {"0\r\n\rx", 5},
        {"0\r\nGET / HTTP/1.1\r\n", 19},
        {"0\r\n: a\r\n", 8},
        {"0\r\nA : b\r\n", 10},
        {"0\r\nA: b\n", 8},
        {"0\r\nA: b\r\n c\r\n", 13},
        {"0\r\nA: \0\r\n", 9},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        assert_broken(state, all[i].bytes, all[i].len);
}

static void what_is_ignored_has_a_limit(void **state)
{
    const char *most = repeated(*state, "x", CHUNKS_EXTRA_MAX - 2);
    assert_int_equal(
        body_of(*state, arena_printf(*state, "1;%s\r\na\r\n0;\r\n\r\n", most), CHUNKS_EXTRA_MAX + 20, 4096).found,
        CHUNKS_WHOLE);
    const char *over = arena_printf(*state, "1;%s\r\na\r\n0\r\na: b\r\n\r\n", most);
    assert_int_equal(body_of(*state, over, strlen(over), 4096).found, CHUNKS_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(chunks_are_put_together),
        arena_test(extensions_and_trailers_are_ignored),
        arena_test(a_size_has_sixteen_digits_and_63_bits),
        arena_test(what_could_be_read_in_two_ways_is_refused),
        arena_test(what_is_ignored_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
