/* Covers: domain/prompt_data.c */
#include "domain/prompt_data.h"
#include "base/utf8.h"
#include "fuzz.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Nothing of an element or of a chat template's token is left, and each "&" begins a reference. */
static void check(const char *shown)
{
    INVARIANT(!strpbrk(shown, "<>\r\v\f\x7f"));
    INVARIANT(!strstr(shown, "[/") && !strstr(shown, "[INST]"));
    INVARIANT(!strstr(shown, "\u202e") && !strstr(shown, "\u200b") && !strstr(shown, "\u2039"));
    for (const char *at = shown; (at = strchr(at, '&')); at++)
        INVARIANT(begins(at, "&amp;") || begins(at, "&lt;") || begins(at, "&gt;") || begins(at, "&#x"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);
    struct buf out = buf_new(arena);
    prompt_data_add(&out, text);
    check(out.text);
    INVARIANT(!utf8_valid(text, strlen(text)) || utf8_valid(out.text, out.len));
    arena_free(arena);
    return 0;
}
