#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

struct buf buf_new(struct arena *arena)
{
    enum { FIRST_SIZE = 256 };
    struct buf buf = {.arena = arena, .text = arena_room(arena, FIRST_SIZE), .size = FIRST_SIZE};
    *buf.text = '\0';
    return buf;
}

/* Room for `more` bytes and the NUL. The old text stays in the arena; doubling keeps all old texts
 * below twice the result. */
static void reserve(struct buf *buf, size_t more)
{
    if (buf->size - buf->len > more)
        return;
    size_t size = MAX(buf->size * 2, buf->len + more + 1);
    char *text = arena_room(buf->arena, size);
    memcpy(text, buf->text, buf->len + 1);
    buf->text = text;
    buf->size = size;
}

void buf_add(struct buf *buf, const char *bytes, size_t len)
{
    reserve(buf, len);
    memcpy(buf->text + buf->len, bytes, len);
    buf->len += len;
    buf->text[buf->len] = '\0';
}

char *buf_reserve(struct buf *buf, size_t most)
{
    reserve(buf, most);
    return buf->text + buf->len;
}

void buf_reserved(struct buf *buf, const char *end)
{
    buf->len = (size_t)(end - buf->text);
    buf->text[buf->len] = '\0';
}

void buf_str(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len > 0) {
        reserve(buf, (size_t)len);
        vsnprintf(buf->text + buf->len, (size_t)len + 1, fmt, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buf_json(struct buf *buf, const char *text)
{
    enum { LONGEST_ESCAPE = 6 };
    size_t len = strlen(text);
    reserve(buf, len * LONGEST_ESCAPE + 2);
    buf->len += json_quote(buf->text + buf->len, buf->size - buf->len - 1, text, len);
    buf->text[buf->len] = '\0';
}

/* Writes the escape of one character into `out`; returns its length. */
static size_t escape(char out[static 8], const char *from, size_t bytes)
{
    static const char short_escapes[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                         ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    unsigned char c = (unsigned char)*from;
    if (bytes == 0) {
        memcpy(out, "\xEF\xBF\xBD", 3);
        return 3;
    }
    if (c < sizeof short_escapes && short_escapes[c]) {
        out[0] = '\\';
        out[1] = short_escapes[c];
        return 2;
    }
    if (c < 0x20 || c == 0x7F)
        return (size_t)snprintf(out, 8, "\\u%04x", (unsigned)c);
    memcpy(out, from, bytes);
    return bytes;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* The length of the start that needs no escape: nearly always the whole text. */
static size_t plain_run(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && is_plain((unsigned char)text[n]))
        n++;
    return n;
}

size_t json_quote(char *out, size_t size, const char *text, size_t len)
{
    size_t used = 0, last = size - 1;
    out[used++] = '"';
    for (size_t i = 0; i < len;) {
        size_t run = plain_run(text + i, MIN(len - i, last - used));
        memcpy(out + used, text + i, run);
        used += run;
        i += run;
        if (i == len)
            break;
        char piece[8];
        size_t bytes = utf8_length_at(text + i, len - i);
        size_t n = escape(piece, text + i, bytes);
        if (used + n > last)
            break;
        memcpy(out + used, piece, n);
        used += n;
        i += bytes ? bytes : 1;
    }
    out[used++] = '"';
    return used;
}
