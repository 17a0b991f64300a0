#include "base/utf8.h"

#include <string.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The second byte's range depends on the first (RFC 3629, section 4). */
static bool second_fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xE0: return second >= 0xA0;
    case 0xED: return second <= 0x9F;
    case 0xF0: return second >= 0x90;
    case 0xF4: return second <= 0x8F;
    default: return true;
    }
}

size_t utf8_length_at(const char *text, size_t len)
{
    if (len == 0)
        return 0;
    unsigned char c = (unsigned char)text[0];
    if (c < 0x80)
        return 1;
    if (c < 0xC2 || c > 0xF4)
        return 0;
    size_t need = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (len < need || !second_fits(c, (unsigned char)text[1]))
        return 0;
    for (size_t i = 1; i < need; i++)
        if (!is_tail(text[i]))
            return 0;
    return need;
}

uint32_t utf8_code_point(const char *text, size_t bytes)
{
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = (unsigned char)text[0] & lead_bits[bytes];
    for (size_t i = 1; i < bytes; i++)
        c = c << 6 | ((unsigned char)text[i] & 0x3F);
    return c;
}

bool utf8_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = utf8_length_at(text + i, len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t utf8_count(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; count++) {
        size_t n = utf8_length_at(text + i, len - i);
        i += n ? n : 1;
    }
    return count;
}

size_t utf8_bytes(const char *text, size_t count)
{
    size_t len = strlen(text), at = 0;
    for (; count > 0 && at < len; count--)
        at += MAX(utf8_length_at(text + at, len - at), 1);
    return at;
}

bool utf8_exceeds(const char *text, size_t max)
{
    enum { LONGEST_CHAR = 4 };
    size_t len = strlen(text);
    return len > max && (len / LONGEST_CHAR > max || utf8_count(text, len) > max);
}
