#include "unit.h"

#include "base/xml.h"

static const struct writing {
    const char *text, *xml;
} writings[] = {
    {"", ""},
    {"plain", "plain"},
    {"<a href=\"x\">&'</a>", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;"},
    {"]]>", "]]&gt;"},
    {"&amp;", "&amp;amp;"},
    {"a\tb\nc\rd", "a\tb\nc&#13;d"},
    {"\x01\x08\x0b\x0c\x0e\x1f", ""},
    {" \x7f\xc2\x80\xc2\x9f", " \x7f\xc2\x80\xc2\x9f"},
    {"ğüşİ 👩‍🚀", "ğüşİ 👩‍🚀"},
    {"\xef\xbf\xbc\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbc\xef\xbf\xbd"},
    {"\xee\x80\x80\xf4\x8f\xbf\xbf", "\xee\x80\x80\xf4\x8f\xbf\xbf"},
    {"a\xff"
     "b",
     "a\xef\xbf\xbd"
     "b"},
    {"a\xc3", "a\xef\xbf\xbd"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

static void any_text_becomes_content(void **state)
{
    for (size_t i = 0; i < COUNT(writings); i++) {
        struct buf buf = buf_new(*state);
        xml_text(&buf, writings[i].text);
        assert_text(buf.text, writings[i].xml, writings[i].text);
    }
}

static void an_element_has_its_text_between_its_tags(void **state)
{
    struct buf buf = buf_new(*state);
    xml_element(&buf, "name", "Ada & <b>");
    xml_element(&buf, "summary", "");
    assert_text(buf.text, "<name>Ada &amp; &lt;b&gt;</name><summary></summary>", "two elements");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(any_text_becomes_content),
        arena_test(an_element_has_its_text_between_its_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
