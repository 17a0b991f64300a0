#include "unit.h"

#include "base/buf.h"

static void grows_and_stays_terminated(void **state)
{
    struct buf buf = buf_new(*state);
    assert_text(buf.text, "", "a new one");
    for (int i = 0; i < 3000; i++)
        buf_printf(&buf, "%d", i % 10);
    assert_int_equal(buf.len, 3000);
    assert_int_equal(strlen(buf.text), 3000);
    for (int i = 0; i < 3000; i++)
        assert_int_equal(buf.text[i], '0' + i % 10);
}

static void every_length_around_the_first_size(void **state)
{
    for (size_t n = 250; n < 262; n++) {
        struct buf buf = buf_new(*state);
        buf_str(&buf, repeated(*state, "x", n));
        buf_add(&buf, "yz", 1);
        assert_int_equal(buf.len, n + 1);
        assert_int_equal(strlen(buf.text), n + 1);
        assert_int_equal(buf.text[n], 'y');
    }
}

static const struct quoting {
    const char *text, *json;
} quotings[] = {
    {"", "\"\""},
    {"plain", "\"plain\""},
    {"say \"hi\" \\ now", "\"say \\\"hi\\\" \\\\ now\""},
    {"\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""},
    {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
    {"ğüşİ 👩‍🚀", "\"ğüşİ 👩‍🚀\""},
    {"\xff", "\"\xEF\xBF\xBD\""},
    {"a\xc3", "\"a\xEF\xBF\xBD\""},
    {"\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"</script>", "\"</script>\""},
};

static void json_strings(void **state)
{
    for (size_t i = 0; i < COUNT(quotings); i++) {
        struct buf buf = buf_new(*state);
        buf_json(&buf, quotings[i].text);
        assert_text(buf.text, quotings[i].json, quotings[i].text);
    }
    struct buf buf = buf_new(*state);
    buf_json(&buf, repeated(*state, "\x01", 5000));
    assert_int_equal(buf.len, 5000 * 6 + 2);
}

static const struct cut {
    size_t size;
    const char *text, *json;
} cuts[] = {
    {2, "abc", "\"\""}, {4, "abc", "\"ab\""},  {5, "abc", "\"abc\""}, {6, "abc", "\"abc\""},
    {3, "ğ", "\"\""},   {4, "ğ", "\"ğ\""},     {5, "😀", "\"\""},     {6, "😀", "\"😀\""},
    {3, "\"", "\"\""},  {4, "\"", "\"\\\"\""}, {7, "\x01", "\"\""},   {8, "\x01", "\"\\u0001\""},
};

static void a_fixed_buffer_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cuts); i++) {
        char out[16];
        memset(out, '#', sizeof out);
        size_t n = json_quote(out, cuts[i].size, cuts[i].text, strlen(cuts[i].text));
        assert_true(n <= cuts[i].size);
        assert_int_equal(out[n], '#');
        out[n] = '\0';
        assert_text(out, cuts[i].json, cuts[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(grows_and_stays_terminated),
        arena_test(every_length_around_the_first_size),
        arena_test(json_strings),
        cmocka_unit_test(a_fixed_buffer_is_cut_at_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
