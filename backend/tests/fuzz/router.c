/* Covers: api/http/router.c */
#include "api/http/router.h"
#include "base/utf8.h"
#include "fuzz.h"

static void check_decoding(struct arena *arena, const char *text, size_t len, bool plus)
{
    const char *decoded = percent_decode(arena, text, len, plus);
    INVARIANT(!decoded || (strlen(decoded) <= len && utf8_valid(decoded, strlen(decoded))));
}

static void check_match(struct arena *arena, const struct match *match)
{
    char label[16]; /* shorter than most patterns */
    INVARIANT(match->path_known);
    router_label(label, sizeof label, match->route);
    INVARIANT(*label == '/' && !strchr(label, ':'));
    if (!router_check_ids(arena, match))
        for (int i = 0; i < 2; i++)
            INVARIANT(!match->ids[i] || utf8_valid(match->ids[i], strlen(match->ids[i])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *path = fuzz_text(arena, data, size);
    check_decoding(arena, (const char *)data, size, false);
    check_decoding(arena, (const char *)data, size, true);
    bool known = *router_allow(arena, SERVES_ALL, path) != '\0';
    for (int method = 0; method < METHOD_OTHER; method++) {
        struct match match = router_find(arena, SERVES_ALL, (enum method)method, path);
        INVARIANT(match.path_known == known);
        if (match.route)
            check_match(arena, &match);
    }
    arena_free(arena);
    return 0;
}
