/* Covers: base/html.c */
#include "base/html.h"

#include "base/utf8.h"
#include "fuzz.h"

/* Reads HTML back as a parser does, into text; false: there is markup in it. */
static bool unescape(struct buf *text, const char *html)
{
    static const struct {
        const char *name, *means;
    } names[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
    while (*html) {
        size_t i = 0;
        while (i < COUNT(names) && strncmp(html, names[i].name, strlen(names[i].name)) != 0)
            i++;
        if (i == COUNT(names) && strchr("&<>\"'\r", *html))
            return false;
        buf_add(text, i < COUNT(names) ? names[i].means : html, 1);
        html += i < COUNT(names) ? strlen(names[i].name) : 1;
    }
    return true;
}

static bool has_forbidden(const char *text)
{
    for (size_t bytes; *text; text += bytes) {
        bytes = utf8_length_at(text, strlen(text));
        uint32_t c = bytes ? utf8_code_point(text, bytes) : 0;
        if (c < 0x20 ? !strchr("\t\n\f\r", (int)c) || c == 0 : (c >= 0x7F && c <= 0x9F) || (c & 0xFFFE) == 0xFFFE)
            return true;
        if (c >= 0xFDD0 && c <= 0xFDEF)
            return true;
    }
    return false;
}

/* What went in, with the two exceptions of the header. */
static bool is_same(const char *text, const char *back)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    for (size_t len = strlen(text), at = 0, bytes; at < len; at += MAX(bytes, 1)) {
        bytes = utf8_length_at(text + at, len - at);
        if (text[at] == '\r' && text[at + 1] == '\n')
            continue;
        if (text[at] == '\r' ? *back == '\n' : bytes && strncmp(back, text + at, bytes) == 0)
            back += bytes;
        else if (strncmp(back, replacement, 3) == 0)
            back += 3;
        else
            return false;
    }
    return *back == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);
    struct buf html = buf_new(arena), back = buf_new(arena), json = buf_new(arena);
    buf_html(&html, text);
    INVARIANT(utf8_valid(html.text, html.len) && !has_forbidden(html.text));
    INVARIANT(unescape(&back, html.text) && is_same(text, back.text));
    buf_html_json(&json, (const char *)data, size);
    INVARIANT(!strchr(json.text, '<') && utf8_valid(json.text, json.len) && !has_forbidden(json.text));
    INVARIANT(!strstr(json.text, "\u2028") && !strstr(json.text, "\u2029"));
    arena_free(arena);
    return 0;
}
