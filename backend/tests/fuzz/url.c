/* Covers: base/url.c */
#include "base/url.h"

#include "fuzz.h"

/* `text` with every byte as a percent escape, which decodes to the text again. */
static char *escaped(struct arena *arena, const char *text)
{
    size_t len = strlen(text);
    char *out = arena_alloc(arena, 3 * len + 1);
    for (size_t i = 0; i < len; i++)
        memcpy(out + 3 * i, arena_printf(arena, "%%%02X", (unsigned)(unsigned char)text[i]), 3);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { ESCAPED_MAX = 64 };
    struct arena *arena = arena_new();
    char *text = fuzz_text(arena, data, size), *decoded = arena_strdup(arena, text);
    if (url_decode(decoded))
        INVARIANT(strlen(decoded) <= strlen(text) && (strchr(text, '%') || strcmp(decoded, text) == 0));
    if (strlen(text) <= ESCAPED_MAX) {
        char *again = escaped(arena, text);
        INVARIANT(url_decode(again) && strcmp(again, text) == 0);
    }
    struct buf encoded = buf_new(arena);
    url_encode(&encoded, text);
    INVARIANT(!strpbrk(encoded.text, " &?#+=\"'<>") && url_decode(encoded.text) && strcmp(encoded.text, text) == 0);
    if (url_host_is_plain(text, strlen(text)))
        INVARIANT(!strpbrk(text, "/?#@ \\"));
    const char *at = strchr(text, '@');
    if (url_login_is_clear(text) && at && strstr(text, "://"))
        INVARIANT(!strchr(at + 1, '@'));
    arena_free(arena);
    return 0;
}
