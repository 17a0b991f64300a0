#include "sys/http/chunks.h"

#include <ctype.h>
#include <string.h>

enum state {
    SIZE,        /* its digits */
    SIZE_BLANKS, /* behind the digits */
    EXTENSION,   /* behind the ';' */
    SIZE_END,    /* the line feed */
    DATA,
    DATA_CR,
    DATA_END,
    LINE,     /* the beginning of a trailer's line, or of the empty one */
    NAME,     /* of a trailer */
    VALUE,    /* of a trailer */
    LINE_END, /* the line feed behind a trailer */
    LAST_END, /* the line feed of the empty line */
    ENDED,
    BROKEN
};

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_text(char c)
{
    return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

static enum state in_size(struct chunks *c, char byte)
{
    enum { MOST_DIGITS = 16 };
    int digit = hex_digit(byte);
    if (digit >= 0) {
        bool fits = c->digits++ < MOST_DIGITS && c->left >> 59 == 0;
        c->left = c->left << 4 | (uint64_t)digit;
        return fits ? SIZE : BROKEN;
    }
    if (c->digits == 0)
        return BROKEN;
    return byte == '\r' ? SIZE_END : byte == ';' ? EXTENSION : byte == ' ' || byte == '\t' ? SIZE_BLANKS : BROKEN;
}

static enum state in_blanks(char byte)
{
    return byte == ';' ? EXTENSION : byte == ' ' || byte == '\t' ? SIZE_BLANKS : BROKEN;
}

static enum state in_line(char byte)
{
    return byte == '\r' ? LAST_END : is_name(byte) ? NAME : BROKEN;
}

static enum state expect(bool as_expected, enum state next)
{
    return as_expected ? next : BROKEN;
}

static enum state after_size(struct chunks *c, char byte)
{
    c->digits = 0;
    return expect(byte == '\n', c->left > 0 ? DATA : LINE);
}

/* What comes behind a byte that isn't data. */
static enum state next_state(struct chunks *c, char byte)
{
    switch ((enum state)c->state) {
    case SIZE: return in_size(c, byte);
    case SIZE_BLANKS: return in_blanks(byte);
    case EXTENSION: return byte == '\r' ? SIZE_END : expect(is_text(byte), EXTENSION);
    case SIZE_END: return after_size(c, byte);
    case DATA_CR: return expect(byte == '\r', DATA_END);
    case DATA_END: return expect(byte == '\n', SIZE);
    case LINE: return in_line(byte);
    case NAME: return byte == ':' ? VALUE : expect(is_name(byte), NAME);
    case VALUE: return byte == '\r' ? LINE_END : expect(is_text(byte), VALUE);
    case LINE_END: return expect(byte == '\n', LINE);
    case LAST_END: return expect(byte == '\n', ENDED);
    case DATA:
    case ENDED:
    case BROKEN: break;
    }
    return BROKEN;
}

static bool is_extra(enum state state)
{
    return state == SIZE_BLANKS || state == EXTENSION || state == NAME || state == VALUE;
}

static enum chunks_found take_data(struct chunks *c, const char **at, const char *end, const char **data, size_t *len)
{
    *data = *at;
    *len = (size_t)MIN(c->left, (uint64_t)(end - *at));
    *at += *len;
    c->left -= *len;
    if (c->left == 0)
        c->state = DATA_CR;
    return CHUNKS_DATA;
}

enum chunks_found chunks_read(struct chunks *c, const char **at, const char *end, const char **data, size_t *len)
{
    while (*at < end && c->state != ENDED && c->state != BROKEN) {
        if (c->state == DATA)
            return take_data(c, at, end, data, len);
        c->state = (int)next_state(c, *(*at)++);
        if (is_extra((enum state)c->state) && ++c->extra > CHUNKS_EXTRA_MAX)
            c->state = BROKEN;
    }
    return c->state == ENDED ? CHUNKS_WHOLE : c->state == BROKEN ? CHUNKS_BROKEN : CHUNKS_MORE;
}

uint64_t chunks_announced(const struct chunks *c)
{
    return c->state == DATA ? c->left : 0;
}
