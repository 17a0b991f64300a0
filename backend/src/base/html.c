#include "base/html.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Controls but white space, and noncharacters. */
static bool is_forbidden(uint32_t c)
{
    bool is_control = (c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r') || (c >= 0x7F && c <= 0x9F);
    return is_control || (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

static bool is_printable(unsigned char c)
{
    return c >= 0x20 && c < 0x7F;
}

/* The bytes of the character at the start of `text` where it is beyond ASCII, and its first byte
 * begins none that is special; else 0. */
static size_t letter_at(const char *text, size_t len)
{
    enum { C1_CONTROLS = 0xC2, SEPARATORS = 0xE2, NONCHARACTERS = 0xEF };
    unsigned char first = (unsigned char)*text;
    bool may_be_special = first <= C1_CONTROLS || first == SEPARATORS || first >= NONCHARACTERS;
    return may_be_special ? 0 : utf8_length_at(text, len);
}

/* How a text is written: the length of its start that stays as it is, nearly always all of it, and
 * what becomes of the character behind that. */
struct writing {
    size_t (*plain_run)(const char *text, size_t len);
    void (*write)(struct buf *, const char *bytes, size_t len, uint32_t c);
};

static void write_text(struct buf *buf, const char *text, size_t len, const struct writing *how)
{
    for (size_t at = 0; at < len;) {
        size_t run = how->plain_run(text + at, len - at);
        buf_add(buf, text + at, run);
        at += run;
        if (at == len)
            break;
        size_t bytes = utf8_length_at(text + at, len - at);
        if (bytes == 0)
            buf_str(buf, replacement);
        else
            how->write(buf, text + at, bytes, utf8_code_point(text + at, bytes));
        at += MAX(bytes, 1);
    }
}

/* ---- HTML ---- */

static bool is_plain_html(unsigned char c)
{
    return (is_printable(c) && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'') || c == '\n';
}

static size_t plain_html(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t bytes = 1; bytes > 0; n += bytes) {
        while (n < len && is_plain_html((unsigned char)text[n]))
            n++;
        bytes = n < len ? letter_at(text + n, len - n) : 0;
    }
    return n;
}

static void write_html(struct buf *buf, const char *bytes, size_t len, uint32_t c)
{
    switch (c) {
    case '&': buf_str(buf, "&amp;"); return;
    case '<': buf_str(buf, "&lt;"); return;
    case '>': buf_str(buf, "&gt;"); return;
    case '"': buf_str(buf, "&quot;"); return;
    case '\'': buf_str(buf, "&#39;"); return;
    case '\r': buf_str(buf, bytes[1] == '\n' ? "" : "\n"); return; /* a text ends with NUL */
    default: break;
    }
    if (is_forbidden(c))
        buf_str(buf, replacement);
    else
        buf_add(buf, bytes, len);
}

void buf_html(struct buf *buf, const char *text)
{
    write_text(buf, text, strlen(text), &(struct writing){plain_html, write_html});
}

/* ---- JSON ---- */

static size_t plain_json(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t bytes = 1; bytes > 0; n += bytes) {
        while (n < len && is_printable((unsigned char)text[n]) && text[n] != '<')
            n++;
        bytes = n < len ? letter_at(text + n, len - n) : 0;
    }
    return n;
}

/* Only strings have such characters, as elsewhere JSON is ASCII. */
static void write_json(struct buf *buf, const char *bytes, size_t len, uint32_t c)
{
    enum { SUPPLEMENTARY = 0x10000 };
    bool is_escaped = c == '<' || c == 0x2028 || c == 0x2029 || is_forbidden(c);
    if (!is_escaped)
        buf_add(buf, bytes, len);
    else if (c < SUPPLEMENTARY)
        buf_printf(buf, "\\u%04x", (unsigned)c);
    else
        buf_printf(buf, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((c - SUPPLEMENTARY) >> 10)),
                   (unsigned)(0xDC00 + ((c - SUPPLEMENTARY) & 0x3FF)));
}

void buf_html_json(struct buf *buf, const char *json, size_t len)
{
    write_text(buf, json, len, &(struct writing){plain_json, write_json});
}
