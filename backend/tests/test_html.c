/* What people wrote, in HTML and in scripts of data. */
#include "base/html.h"

#include "unit.h"

#define REPLACED "\xEF\xBF\xBD"

static const struct escaping {
    const char *text, *html, *json;
} escapings[] = {
    {"", "", ""},
    {"plain ğüşİ 👩‍🚀", "plain ğüşİ 👩‍🚀", "plain ğüşİ 👩‍🚀"},
    {"<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;", "\\u003cb>&amp;\\u003c/b>"},
    {"\"'`=", "&quot;&#39;`=", "\"'`="},
    {"</script><!--", "&lt;/script&gt;&lt;!--", "\\u003c/script>\\u003c!--"},
    {"a\tb\nc\fd", "a\tb\nc\fd", "a\tb\nc\fd"},
    {"a\r\nb\rc\r", "a\nb\nc\n", "a\r\nb\rc\r"},
    {"\x01\x0b\x1f\x7f", REPLACED REPLACED REPLACED REPLACED, "\\u0001\\u000b\\u001f\\u007f"},
    {"\xC2\x80\xC2\x9F\xC2\xA0", REPLACED REPLACED "\xC2\xA0", "\\u0080\\u009f\xC2\xA0"},
    {"\u2027\u2028\u2029\u202E", "\u2027\u2028\u2029\u202E", "\u2027\\u2028\\u2029\u202E"},
    {"\xEF\xB7\x8F\xEF\xB7\x90\xEF\xB7\xAF\xEF\xB7\xB0", "\xEF\xB7\x8F" REPLACED REPLACED "\xEF\xB7\xB0",
     "\xEF\xB7\x8F\\ufdd0\\ufdef\xEF\xB7\xB0"},
    {"\xEF\xBF\xBD\xEF\xBF\xBE\xEF\xBF\xBF", "\xEF\xBF\xBD" REPLACED REPLACED, "\xEF\xBF\xBD\\ufffe\\uffff"},
    {"\xF0\x9F\xBF\xBD\xF0\x9F\xBF\xBE\xF4\x8F\xBF\xBF", "\xF0\x9F\xBF\xBD" REPLACED REPLACED,
     "\xF0\x9F\xBF\xBD\\ud83f\\udffe\\udbff\\udfff"},
    {"a\xff\xc3", "a" REPLACED REPLACED, "a" REPLACED REPLACED},
};

static void every_character_is_text_in_html(void **state)
{
    for (size_t i = 0; i < COUNT(escapings); i++) {
        struct buf buf = buf_new(*state);
        buf_html(&buf, escapings[i].text);
        assert_text(buf.text, escapings[i].html, escapings[i].text);
    }
}

static void nothing_in_json_ends_its_script(void **state)
{
    for (size_t i = 0; i < COUNT(escapings); i++) {
        struct buf buf = buf_new(*state);
        buf_html_json(&buf, escapings[i].text, strlen(escapings[i].text));
        assert_text(buf.text, escapings[i].json, escapings[i].text);
    }
}

static void json_ends_at_its_length(void **state)
{
    struct buf buf = buf_new(*state);
    buf_html_json(&buf, "{\"a\":\"<\"}, and more", 9);
    assert_text(buf.text, "{\"a\":\"\\u003c\"}", "9 bytes of a longer text");
    buf_html_json(&buf, "\xC3\xA9", 1);
    assert_text(buf.text, "{\"a\":\"\\u003c\"}" REPLACED, "half a character");
}

static void a_long_text_comes_whole(void **state)
{
    struct buf buf = buf_new(*state);
    buf_html(&buf, repeated(*state, "<ş", 5000));
    assert_text(buf.text, repeated(*state, "&lt;ş", 5000), "<ş, 5000 times");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(every_character_is_text_in_html),
        arena_test(nothing_in_json_ends_its_script),
        arena_test(json_ends_at_its_length),
        arena_test(a_long_text_comes_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
