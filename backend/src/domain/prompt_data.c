#include "domain/prompt_data.h"

#include <string.h>

#include "base/utf8.h"

enum fate { AS_IT_IS, REFERENCE, LINE_END, LEFT_OUT };

/* In the order of code points; a character without a row stays as it is. */
static const struct range {
    uint32_t first, last;
    enum fate fate;
} ranges[] = {
    {0x01, 0x08, LEFT_OUT},
    {0x0B, 0x0D, LINE_END}, /* VT, FF, CR */
    {0x0E, 0x1F, LEFT_OUT},
    {'&', '&', REFERENCE},
    {'<', '<', REFERENCE},
    {'>', '>', REFERENCE},
    {0x7F, 0x84, LEFT_OUT},
    {0x85, 0x85, LINE_END}, /* NEL */
    /* soft hyphen */
    {0x86, 0x9F, LEFT_OUT},
    {0xAD, 0xAD, LEFT_OUT},
    /* modifier letter arrowheads */
    {0x02C2, 0x02C3, REFERENCE},
    /* combining grapheme joiner */
    {0x034F, 0x034F, LEFT_OUT},
    /* Arabic letter mark */
    {0x061C, 0x061C, LEFT_OUT},
    {0x1433, 0x1433, REFERENCE}, /* Canadian syllabics po and pa */
    {0x1438, 0x1438, REFERENCE},
    {0x16B2, 0x16B2, REFERENCE}, /* runic kauna */
    {0x180E, 0x180E, LEFT_OUT},  /* Mongolian vowel separator */
    {0x200B, 0x200B, LEFT_OUT},  /* zero-width space */
    {0x200E, 0x200F, LEFT_OUT},  /* direction marks */
    {0x2028, 0x2029, LINE_END},  /* line and paragraph separators */
    {0x202A, 0x202E, LEFT_OUT},  /* embeddings and overrides */
    {0x2039, 0x203A, REFERENCE}, /* single angle quotation marks */
    /* word joiner, invisible operators, isolates */
    {0x2060, 0x206F, LEFT_OUT},
    {0x226E, 0x226F, REFERENCE}, /* not less-than: decomposes into a bracket and a stroke */
    {0x2329, 0x232A, REFERENCE}, /* angle brackets, of several uses from here on */
    {0x276C, 0x2771, REFERENCE},
    {0x27E8, 0x27E9, REFERENCE},
    {0x2991, 0x2992, REFERENCE},
    /* Hangul filler */
    {0x29FC, 0x29FD, REFERENCE},
    {0x3008, 0x3009, REFERENCE},
    {0x3164, 0x3164, LEFT_OUT},
    {0xFE3F, 0xFE40, REFERENCE}, /* vertical angle brackets */
    {0xFE60, 0xFE60, REFERENCE}, /* small and full-width forms */
    {0xFE64, 0xFE65, REFERENCE},
    {0xFEFF, 0xFEFF, LEFT_OUT}, /* byte order mark */
    {0xFF06, 0xFF06, REFERENCE},
    {0xFF1C, 0xFF1C, REFERENCE},
    {0xFF1E, 0xFF1E, REFERENCE},
    {0xFFA0, 0xFFA0, LEFT_OUT},    /* half-width Hangul filler */
    {0xFFF9, 0xFFFB, LEFT_OUT},    /* interlinear annotation */
    {0xFFFE, 0xFFFF, LEFT_OUT},    /* noncharacters */
    {0x16F3F, 0x16F3F, REFERENCE}, /* Miao letter archaic zza */
    {0x1D173, 0x1D17A, LEFT_OUT},  /* musical formatting */
    {0x1D236, 0x1D237, REFERENCE}, /* Greek instrumental notation */
    {0xE0000, 0xE0FFF, LEFT_OUT},  /* tags, which spell ASCII unseen, and variation selectors */
};

static enum fate fate_of(uint32_t c, char next)
{
    if (c == '[')
        return next == '/' || (next >= 'A' && next <= 'Z') ? REFERENCE : AS_IT_IS;
    if (c == '\r' && next == '\n')
        return LEFT_OUT;
    const struct range *range = ranges, *end = ranges + COUNT(ranges);
    while (range < end && range->last < c)
        range++;
    return range < end && range->first <= c ? range->fate : AS_IT_IS;
}

static void add_reference(struct buf *out, uint32_t c)
{
    switch (c) {
    case '&': buf_str(out, "&amp;"); break;
    case '<': buf_str(out, "&lt;"); break;
    case '>': buf_str(out, "&gt;"); break;
    default: buf_printf(out, "&#x%X;", (unsigned)c);
    }
}

static bool character_is_left_out(const char *text, size_t len, size_t *bytes)
{
    size_t known = utf8_length_at(text, len);
    *bytes = MAX(known, 1u);
    /* Bytes that are no UTF-8 are left out: once a neighbour is left out, they could form a
     * character. */
    return !known || fate_of(utf8_code_point(text, known), text[known]) == LEFT_OUT;
}

/* The next byte that a reader sees. Characters that are left out separate nothing: "[", a
 * zero-width space and "INST]" become "[INST]". */
static char next_shown(const char *text, size_t len)
{
    size_t at = 0, bytes;
    while (at < len && character_is_left_out(text + at, len - at, &bytes))
        at += bytes;
    return text[at];
}

void prompt_data_add(struct buf *out, const char *text)
{
    size_t len = strlen(text), kept = 0;
    for (size_t at = 0, bytes; at < len; at += bytes) {
        bool left_out = character_is_left_out(text + at, len - at, &bytes);
        uint32_t c = utf8_code_point(text + at, bytes);
        const char *rest = text + at + bytes;
        enum fate fate = left_out ? LEFT_OUT : fate_of(c, c == '[' ? next_shown(rest, len - at - bytes) : *rest);
        if (fate == AS_IT_IS)
            continue;
        buf_add(out, text + kept, at - kept);
        kept = at + bytes;
        if (fate == REFERENCE)
            add_reference(out, c);
        else if (fate == LINE_END)
            buf_str(out, "\n");
    }
    buf_add(out, text + kept, len - kept);
}
