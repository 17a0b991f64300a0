#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/utf8.h"

/* The code point at `text` and its bytes; a byte that is no UTF-8 counts as one unknown
 * character, so that no loop can stand still. */
static size_t read_char(const char *text, utf8proc_int32_t *c)
{
    if ((unsigned char)*text < 0x80) { /* most characters; much faster without the call */
        *c = *text;
        return 1;
    }
    enum { LONGEST = 4 };
    size_t bytes = utf8_length_at(text, strnlen(text, LONGEST));
    *c = bytes ? (utf8proc_int32_t)utf8_code_point(text, bytes) : 0xFFFD;
    return MAX(bytes, 1);
}

/* The Unicode property White_Space. A list, as a stranger may send 20,000 characters to look at,
 * and utf8proc's tables are slow beside it. */
static bool is_blank(utf8proc_int32_t c)
{
    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r');
    if (c < 0x1680)
        return c == 0x85 || c == 0xA0;
    return c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

static bool is_control(utf8proc_int32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

static bool is_word_char(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

static const char *text_skip_blanks(const char *text)
{
    utf8proc_int32_t c;
    for (size_t bytes; *text; text += bytes) {
        bytes = read_char(text, &c);
        if (!is_blank(c))
            break;
    }
    return text;
}

/* Where the last character between the two begins. */
static const char *last_char(const char *start, const char *end)
{
    enum { LONGEST = 4 };
    const char *at = end - 1;
    while (at > start && end - at < LONGEST && ((unsigned char)*at & 0xC0) == 0x80)
        at--;
    return utf8_length_at(at, (size_t)(end - at)) == (size_t)(end - at) ? at : end - 1;
}

/* Looks at the blanks alone, and at a character beside them. */
char *text_trim(struct arena *arena, const char *text, size_t len)
{
    /* the NUL lets characters at the end be read safely */
    const char *copy = arena_copy(arena, text, len);
    const char *start = text_skip_blanks(copy), *end = start + strlen(start);
    for (utf8proc_int32_t c; end > start;) {
        const char *last = last_char(start, end);
        read_char(last, &c);
        if (!is_blank(c))
            break;
        end = last;
    }
    return arena_copy(arena, start, (size_t)(end - start));
}

char *text_lower(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);
    utf8proc_int32_t c;
    for (size_t bytes; *text; text += bytes) {
        utf8proc_uint8_t lower[4];
        bytes = read_char(text, &c);
        buf_add(&out, (const char *)lower, (size_t)utf8proc_encode_char(utf8proc_tolower(c), lower));
    }
    return out.text;
}

/* The text as utf8proc maps it; unchanged where it can't (input that is no UTF-8). */
static char *mapped(struct arena *arena, const char *text, unsigned options)
{
    utf8proc_uint8_t *out = NULL;
    if (utf8proc_map((const utf8proc_uint8_t *)text, 0, &out, (utf8proc_option_t)(options | UTF8PROC_NULLTERM)) < 0)
        return arena_strdup(arena, text);
    char *copy = arena_strdup(arena, (const char *)out);
    free(out);
    return copy;
}

char *text_compose(struct arena *arena, const char *text)
{
    return mapped(arena, text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

char *text_lower_ascii(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    return copy;
}

static bool is_unseen(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP;
}

bool text_has_unseen(const char *text)
{
    utf8proc_int32_t c;
    for (size_t bytes; *text; text += bytes) {
        bytes = read_char(text, &c);
        if (is_unseen(c))
            return true;
    }
    return false;
}

/* Replaces each `from` by `to`. */
static char *text_replace(struct arena *arena, const char *text, const char *from, const char *to)
{
    struct buf out = buf_new(arena);
    for (const char *hit; (hit = strstr(text, from)); text = hit + strlen(from)) {
        buf_add(&out, text, (size_t)(hit - text));
        buf_str(&out, to);
    }
    buf_str(&out, text);
    return out.text;
}

static bool is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return !*text;
}

/* The result of mapped() for ASCII, at a fraction of the time: most texts are folded several times.
 * `dotless`: what "I" becomes. */
static char *folded_ascii(struct arena *arena, const char *text, const char *dotless)
{
    struct buf out = buf_new(arena);
    for (size_t plain; *text; text += plain + 1) {
        plain = strcspn(text, "I");
        buf_add(&out, text, plain);
        if (!text[plain])
            break;
        buf_str(&out, dotless);
    }
    for (char *c = out.text; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    return out.text;
}

/* Unicode folds "İ" to "i" with a dot above, which is removed with the accents. "ı" is a letter of
 * its own there, so it is replaced here. The typographic apostrophe is replaced, too: models write
 * it where people type the straight one. */
char *text_fold(struct arena *arena, const char *text)
{
    if (is_ascii(text))
        return folded_ascii(arena, text, "i");
    enum { FOLD = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE };
    return text_replace(arena, text_replace(arena, mapped(arena, text, FOLD), "ı", "i"), "’", "'");
}

/* Composes first, so that an "I" with a separate dot is an "İ" before the two letters are folded
 * differently. */
char *text_fold_turkish(struct arena *arena, const char *text)
{
    if (is_ascii(text))
        return folded_ascii(arena, text, "ı");
    enum { WHOLE = UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE };
    char *composed = mapped(arena, text, WHOLE);
    char *dotted = text_replace(arena, composed, "İ", "i");
    return mapped(arena, text_replace(arena, dotted, "I", "ı"), WHOLE | UTF8PROC_CASEFOLD);
}

/* The end of `phrase` where it stands at `text`, else NULL. */
static const char *phrase_end(const char *text, const char *phrase)
{
    utf8proc_int32_t a, b;
    while (*phrase) {
        size_t n = read_char(text, &a), m = read_char(phrase, &b);
        if (is_blank(a) && is_blank(b)) {
            text = text_skip_blanks(text);
            phrase = text_skip_blanks(phrase);
        } else if (a == b) {
            text += n;
            phrase += m;
        } else {
            return NULL;
        }
    }
    return text;
}

/* Whether a word could begin or end between the characters before and at `at`. */
static bool is_word_edge(const char *text, const char *at)
{
    if (at == text || *at == '\0')
        return true;
    const char *before = at - 1;
    while (before > text && ((unsigned char)*before & 0xC0) == 0x80)
        before--;
    utf8proc_int32_t left, right;
    read_char(before, &left);
    read_char(at, &right);
    return !is_word_char(left) || !is_word_char(right);
}

bool text_has_words(const char *text, const char *phrase)
{
    if (*phrase == '\0')
        return false;
    for (const char *at = text; (at = strchr(at, *phrase)); at++) {
        const char *end = phrase_end(at, phrase);
        if (end && is_word_edge(text, at) && is_word_edge(text, end))
            return true;
    }
    return false;
}

static bool ends_sentence(utf8proc_int32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026;
}

/* Closing quotes and brackets, which may follow a sentence's end. Straight quotes count, as they
 * close as often as they open. */
static bool closes(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return c == '"' || c == '\'' || category == UTF8PROC_CATEGORY_PE || category == UTF8PROC_CATEGORY_PF;
}

/* The places where a text could be cut, in bytes; 0: there is none. */
struct cuts {
    size_t sentence, word, cluster;
    bool whole; /* the whole text fits */
};

static struct cuts cuts_within(const char *text, size_t max)
{
    struct cuts cuts = {0};
    utf8proc_int32_t before = ' ', c, state = 0;
    bool ended = false;
    for (size_t at = 0, count = 0; count <= max; count++) {
        size_t bytes = read_char(text + at, &c);
        bool gap = text[at] == '\0' || is_blank(c);
        if (at > 0 && utf8proc_grapheme_break_stateful(before, c, &state))
            cuts.cluster = at;
        if (gap && !is_blank(before))
            cuts.word = at;
        if (gap && ended)
            cuts.sentence = at;
        if ((cuts.whole = text[at] == '\0'))
            break;
        ended = ends_sentence(c) || (ended && closes(c));
        before = c;
        at += bytes;
    }
    return cuts;
}

char *text_cut(struct arena *arena, const char *text, size_t max)
{
    struct cuts cuts = cuts_within(text, max);
    if (cuts.whole)
        return arena_strdup(arena, text);
    return arena_copy(arena, text, cuts.sentence ? cuts.sentence : cuts.word ? cuts.word : cuts.cluster);
}

char *text_cut_back(struct arena *arena, const char *text)
{
    struct cuts cuts = cuts_within(text, SIZE_MAX);
    if (cuts.sentence)
        return arena_copy(arena, text, cuts.sentence);
    cuts = cuts_within(text, utf8_count(text, strlen(text)) - 1);
    return arena_copy(arena, text, cuts.word);
}

/* Behind the characters at `text` that a line shows; none where it begins with another. */
static const char *skip_shown(const char *text)
{
    utf8proc_int32_t c;
    for (size_t bytes; *text; text += bytes) {
        bytes = read_char(text, &c);
        if (is_blank(c) || is_control(c))
            break;
    }
    return text;
}

char *text_one_line(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);
    bool gap = false;
    utf8proc_int32_t c;
    while (*text) {
        const char *end = skip_shown(text);
        if (end > text) {
            buf_str(&out, gap ? " " : "");
            buf_add(&out, text, (size_t)(end - text));
            gap = false;
            text = end;
            continue;
        }
        text += read_char(text, &c);
        gap |= is_blank(c) && out.len > 0;
    }
    return out.text;
}

char *text_preview(struct arena *arena, const char *text, size_t max)
{
    char *line = text_one_line(arena, text);
    struct cuts cuts = cuts_within(line, max);
    return cuts.whole ? line : arena_copy(arena, line, cuts.word ? cuts.word : cuts.cluster);
}

char *text_clip(struct arena *arena, const char *text, size_t max)
{
    struct cuts cuts = cuts_within(text, max);
    if (cuts.whole)
        return arena_strdup(arena, text);
    return arena_copy(arena, text, cuts.cluster ? cuts.cluster : utf8_bytes(text, max));
}

char *text_initial(struct arena *arena, const char *text, bool is_turkish)
{
    struct buf out = buf_new(arena);
    utf8proc_int32_t before = 0, c, state = 0;
    text = text_skip_blanks(text);
    for (size_t bytes; *text; text += bytes) {
        utf8proc_uint8_t upper[4];
        bytes = read_char(text, &c);
        if (before && utf8proc_grapheme_break_stateful(before, c, &state))
            break;
        before = c;
        c = is_turkish && c == 'i' ? 0x130 : utf8proc_toupper(c);
        buf_add(&out, (const char *)upper, (size_t)utf8proc_encode_char(c, upper));
    }
    return out.text;
}

uint64_t text_hash(const char *text)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    return hash;
}

char *text_slug(struct arena *arena, const char *text)
{
    enum { MAX_SLUG = 64 };
    struct buf out = buf_new(arena);
    bool hyphen = false;
    utf8proc_int32_t c;
    for (; *text && out.len < MAX_SLUG;) {
        text += read_char(text, &c);
        if (is_blank(c) || c == '_' || c == '-') {
            hyphen = out.len > 0;
            continue;
        }
        char lower = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c < 0x80 ? c : 0);
        if (!(lower >= 'a' && lower <= 'z') && !(lower >= '0' && lower <= '9'))
            continue;
        if (hyphen && out.len == MAX_SLUG - 1)
            break;
        buf_str(&out, hyphen ? "-" : "");
        buf_add(&out, &lower, 1);
        hyphen = false;
    }
    return out.text;
}
