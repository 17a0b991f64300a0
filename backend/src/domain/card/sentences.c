#include "domain/card/sentences.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

enum { SENTENCES_MAX = 32 };

enum mark { MARK_NONE, MARK_CLOSING, MARK_END, MARK_WIDE_END };

/* What the character says of a sentence's end: a wide mark ends it without a blank. */
static enum mark mark_of(uint32_t c)
{
    static const uint32_t ends[] = {'.', '!', '?', 0x2026, 0x061F, 0x06D4, 0x0964},
                          wide_ends[] = {0x3002, 0xFF01, 0xFF1F, 0xFF0E},
                          closing[] = {'"', '\'', ')', ']', 0x201D, 0x2019, 0x00BB, 0x300D, 0x300F, 0xFF09};
    for (size_t i = 0; i < COUNT(ends); i++)
        if (c == ends[i])
            return MARK_END;
    for (size_t i = 0; i < COUNT(wide_ends); i++)
        if (c == wide_ends[i])
            return MARK_WIDE_END;
    for (size_t i = 0; i < COUNT(closing); i++)
        if (c == closing[i])
            return MARK_CLOSING;
    return MARK_NONE;
}

/* "Stop." he said: behind a closing quote a small letter goes on with the sentence. */
static bool goes_on(const char *blank)
{
    const char *before = blank - 1, *next = blank + 1;
    return !strchr(".!?", *before) && *next >= 'a' && *next <= 'z';
}

/* The bytes of the sentence at the start of a line that isn't empty. */
static size_t sentence_len(const char *line)
{
    size_t len = strlen(line), at = 0;
    enum mark ended = MARK_NONE;
    while (at < len) {
        size_t bytes = MAX(utf8_length_at(line + at, len - at), 1);
        enum mark mark = mark_of(utf8_code_point(line + at, bytes));
        if (mark >= MARK_END)
            ended = mark;
        else if (ended == MARK_WIDE_END && mark != MARK_CLOSING)
            return at;
        else if (ended == MARK_END && line[at] == ' ' && !goes_on(line + at))
            return at;
        else if (mark != MARK_CLOSING)
            ended = MARK_NONE;
        at += bytes;
    }
    return len;
}

/* Letters and digits make a sentence; emoji (of four bytes, or symbols that begin with E2) do only
 * where nothing else was said. */
static bool has_words(const char *sentence)
{
    for (const unsigned char *at = (const unsigned char *)sentence; *at; at++)
        if (isalnum(*at) || (*at >= 0xC3 && *at < 0xF0 && *at != 0xE2))
            return true;
    return false;
}

static bool has_emoji(const char *sentence)
{
    for (const unsigned char *at = (const unsigned char *)sentence; *at; at++)
        if (*at >= 0xF0)
            return true;
    return false;
}

static void add_sentence(struct arena *arena, struct texts *found, const char *sentence)
{
    if (has_words(sentence) || (has_emoji(sentence) && found->count == 0))
        found->items[found->count++] = sentence;
    else if (has_emoji(sentence))
        found->items[found->count - 1] = arena_printf(arena, "%s %s", found->items[found->count - 1], sentence);
}

static void add_sentences(struct arena *arena, struct texts *found, const char *line)
{
    while (*line && found->count < SENTENCES_MAX) {
        bool is_last = found->count == SENTENCES_MAX - 1;
        size_t len = is_last ? strlen(line) : sentence_len(line);
        add_sentence(arena, found, arena_copy(arena, line, len));
        line += len;
        line += strspn(line, " ");
    }
}

struct texts sentences_of(struct arena *arena, const char *text)
{
    struct texts found = {.items = arena_alloc(arena, SENTENCES_MAX * sizeof *found.items)};
    for (size_t len; *text; text += len + (text[len] != '\0')) {
        len = strcspn(text, "\r\n");
        add_sentences(arena, &found, text_preview(arena, arena_copy(arena, text, len), SIZE_MAX));
    }
    return found;
}

const char *sentences_joined(struct arena *arena, const struct texts *sentences, int first)
{
    struct buf out = buf_new(arena);
    for (int i = first; i < sentences->count; i++) {
        buf_str(&out, i > first ? " " : "");
        buf_str(&out, sentences->items[i]);
    }
    return out.text;
}
