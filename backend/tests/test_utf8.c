#include "unit.h"

#include "base/utf8.h"

static const struct sample {
    const char *text;
    size_t len; /* 0: strlen */
    bool valid;
    size_t count;
} samples[] = {
    {"", 0, true, 0},
    {"abc", 0, true, 3},
    {"ğüşiöçİı", 0, true, 8},
    {"e\xCC\x81", 0, true, 2},
    {"👩‍🚀", 0, true, 3},
    {"a\0b", 3, true, 3},
    {"\xC2\x80\xDF\xBF", 0, true, 2},
    {"\xE0\xA0\x80\xEF\xBF\xBF", 0, true, 2},
    {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 0, true, 2},
    {"\xED\x9F\xBF\xEE\x80\x80", 0, true, 2},
    {"\x80", 0, false, 1},
    {"\xC0\xAF", 0, false, 2}, /* overlong */
    {"\xC1\xBF", 0, false, 2},
    {"\xE0\x9F\xBF", 0, false, 3},
    {"\xF0\x8F\xBF\xBF", 0, false, 4},
    {"\xED\xA0\x80", 0, false, 3},     /* a surrogate */
    {"\xF4\x90\x80\x80", 0, false, 4}, /* above U+10FFFF */
    {"\xF5\x80\x80\x80", 0, false, 4},
    {"\xFF", 0, false, 1},
    {"a\xC4", 0, false, 2}, /* cut off */
    {"\xE2\x82", 0, false, 2},
    {"\xF0\x9F\x98", 0, false, 3},
    {"\xE2\x28\xA1", 0, false, 3},
};

static void validity_and_count(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        size_t len = samples[i].len ? samples[i].len : strlen(samples[i].text);
        if (utf8_valid(samples[i].text, len) != samples[i].valid ||
            utf8_count(samples[i].text, len) != samples[i].count)
            fail_msg("sample %zu: valid %d, count %zu", i, utf8_valid(samples[i].text, len),
                     utf8_count(samples[i].text, len));
    }
}

/* Each code point that has a form, against an encoder of our own: its length is right, one byte
 * less is nothing, and it is read back. */
static void every_code_point(void **state)
{
    (void)state;
    for (unsigned c = 0; c <= 0x10FFFF; c++) {
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
        char text[4];
        for (size_t i = n; i-- > 1;)
            text[i] = (char)(0x80 | ((c >> (6 * (n - 1 - i))) & 0x3F));
        text[0] = (char)(leads[n] | (c >> (6 * (n - 1))));
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        assert_int_equal(utf8_length_at(text, n), surrogate ? 0 : n);
        assert_int_equal(utf8_length_at(text, n - 1), 0);
        assert_int_equal(utf8_code_point(text, n), c);
    }
}

static void bytes_of_code_points(void **state)
{
    (void)state;
    static const size_t bytes[] = {0, 1, 3, 6, 10, 11, 11};
    for (size_t count = 0; count < COUNT(bytes); count++)
        assert_int_equal(utf8_bytes("aş日🦊\xFF", count), bytes[count]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(validity_and_count), cmocka_unit_test(every_code_point),
                                       cmocka_unit_test(bytes_of_code_points)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
