/* Covers: domain/card/quote.c domain/card/sentences.c domain/card/topic.c domain/card/words.c */
#include "base/utf8.h"
#include "domain/card/quote.h"
#include "domain/card/sentences.h"
#include "domain/card/topic.h"
#include "domain/card/words.h"
#include "fuzz.h"

static const char ellipsis[] = "…";

/* The line's beginning with an ellipsis behind it, or the line; no longer than was asked for. */
static void check_cut(const char *line, const char *cut, size_t max)
{
    size_t len = strlen(cut), kept = len - (len >= 3 && strcmp(cut + len - 3, ellipsis) == 0 ? 3 : 0);
    INVARIANT(strcmp(line, cut) == 0 || strncmp(line, cut, kept) == 0);
    INVARIANT(utf8_valid(cut, len) && utf8_count(cut, len) <= MAX(max, 2));
}

static void check_sentences(const struct texts *sentences)
{
    INVARIANT(sentences->count <= 32);
    for (int i = 0; i < sentences->count; i++)
        INVARIANT(*sentences->items[i] && !strpbrk(sentences->items[i], "\r\n"));
}

/* The first byte is how long a cut may be; the rest is a post, which is a reply to itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = size ? fuzz_text(arena, data + 1, size - 1) : "";
    if (utf8_valid(text, strlen(text))) {
        struct texts sentences = sentences_of(arena, text);
        check_sentences(&sentences);
        const char *line = sentences_joined(arena, &sentences, 0), *quote = quote_pick(arena, &sentences, &sentences);
        INVARIANT(strstr(line, quote) && (sentences.count == 0 || *quote));
        check_cut(line, card_topic_cut(arena, line, data[0] + 1), data[0] + 1);
        check_cut(line, card_text_cut(arena, line, data[0] + 1), data[0] + 1);
        INVARIANT(*card_topic_of(arena, text, "Room").text);
        INVARIANT(*quote_marks_of(text).opening && *verdict_words(arena, looks_turkish(text), data[0]));
    }
    arena_free(arena);
    return 0;
}
