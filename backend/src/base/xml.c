#include "base/xml.h"

#include <string.h>

#include "base/utf8.h"

/* What stands for an ASCII character; "": nothing may. NULL: the character itself. */
static const char *replacement(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\r': return "&#13;";
    case '\t':
    case '\n': return NULL;
    default: return c < ' ' ? "" : NULL;
    }
}

/* XML 1.0, production 2, of what UTF-8 can write: surrogates can't be. */
static bool is_forbidden(uint32_t code_point)
{
    return code_point == 0xfffe || code_point == 0xffff;
}

/* Adds the character at `text`; returns its bytes. */
static size_t add_character(struct buf *buf, const char *text, size_t len)
{
    static const char unreadable[] = "\xef\xbf\xbd";
    const char *instead = replacement((unsigned char)*text);
    size_t bytes = utf8_length_at(text, len);
    if (bytes == 0)
        buf_str(buf, unreadable);
    else if (instead)
        buf_str(buf, instead);
    else if (!is_forbidden(utf8_code_point(text, bytes)))
        buf_add(buf, text, bytes);
    return MAX(bytes, 1);
}

void xml_text(struct buf *buf, const char *text)
{
    for (size_t len = strlen(text), at = 0; at < len;)
        at += add_character(buf, text + at, len - at);
}

void xml_element(struct buf *buf, const char *name, const char *text)
{
    buf_printf(buf, "<%s>", name);
    xml_text(buf, text);
    buf_printf(buf, "</%s>", name);
}
