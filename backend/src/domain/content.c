#include "domain/content.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/utf8.h"
#include "domain/profanity.h"

enum { MAX_LINKS = 2 };

/* The length of `prefix` where the text begins with it in any case, else 0. */
static size_t begins(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncasecmp(text, prefix, len) == 0 ? len : 0;
}

/* The length of a link's beginning at `at`, or 0. "http://www." is one beginning; the "www." in
 * "awww." is none. */
static size_t link_start(const char *text, const char *at)
{
    size_t scheme = begins(at, "http://") + begins(at, "https://");
    if (scheme > 0)
        return scheme + begins(at + scheme, "www.");
    bool inside_word = at > text && isalnum((unsigned char)at[-1]);
    return inside_word ? 0 : begins(at, "www.");
}

int content_links(const char *text)
{
    int links = 0;
    for (const char *at = text; *at;) {
        size_t start = link_start(text, at);
        links += start > 0;
        at += start > 0 ? start : 1;
    }
    return links;
}

const char *content_check(const char *text, size_t max_len)
{
    struct arena *arena = arena_new();
    const char *trimmed = text_trim(arena, text, strlen(text));
    bool is_empty = !*trimmed, is_long = utf8_exceeds(trimmed, max_len);
    arena_free(arena);
    if (is_empty)
        return "content cannot be empty";
    if (is_long)
        return "content exceeds max length";
    if (profanity_said(text))
        return "content failed profanity check";
    return content_links(text) > MAX_LINKS ? "content failed link spam check" : NULL;
}

static bool says(struct arena *arena, const char *folded_text, const char *phrase)
{
    return text_has_words(folded_text, text_fold(arena, text_trim(arena, phrase, strlen(phrase))));
}

const char *content_said(const char *text, const char *const *phrases, int count)
{
    struct arena *arena = arena_new();
    const char *said = NULL, *folded = text_fold(arena, text);
    for (int i = 0; i < count && !said; i++)
        said = says(arena, folded, phrases[i]) ? phrases[i] : NULL;
    arena_free(arena);
    return said;
}
