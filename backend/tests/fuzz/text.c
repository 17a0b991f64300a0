/* Covers: base/text.c */
#include "base/text.h"
#include "base/utf8.h"
#include "fuzz.h"

static void check_cut(const char *text, const char *cut, size_t max)
{
    size_t len = strlen(cut);
    INVARIANT(utf8_count(cut, len) <= max);
    INVARIANT(!utf8_valid(text, strlen(text)) || utf8_valid(cut, len));
}

static void check_slug(const char *slug)
{
    size_t len = strlen(slug);
    INVARIANT(len <= 64 && slug[strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0');
    INVARIANT(len == 0 || (slug[0] != '-' && slug[len - 1] != '-' && !strstr(slug, "--")));
}

/* The first byte is how long a cut may be; the rest is a text, and a phrase after its last line
 * feed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t max = size ? data[0] : 0;
    struct arena *arena = arena_new();
    char *text = fuzz_text(arena, size ? data + 1 : data, size ? size - 1 : 0), *gap = strrchr(text, '\n');
    check_cut(text, text_cut(arena, text, max), max);
    check_cut(text, text_preview(arena, text, max), max);
    check_cut(text, text_clip(arena, text, max), max);
    check_slug(text_slug(arena, text));
    const char *trimmed = text_trim(arena, text, strlen(text));
    INVARIANT(strcmp(trimmed, text_trim(arena, trimmed, strlen(trimmed))) == 0);
    const char *folded = text_fold(arena, text);
    text_fold_turkish(arena, text);
    text_lower(arena, text);
    text_lower_ascii(arena, text);
    text_compose(arena, text);
    text_has_unseen(text);
    text_has_words(folded, gap ? text_fold(arena, gap + 1) : "word");
    if (*trimmed && utf8_valid(text, strlen(text)))
        INVARIANT(text_has_words(trimmed, trimmed));
    arena_free(arena);
    return 0;
}
