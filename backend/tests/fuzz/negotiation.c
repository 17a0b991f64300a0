/* Covers: sys/http/accept.c api/pages/crawlers.c */
#include "api/pages/crawlers.h"
#include "fuzz.h"
#include "sys/http/accept.h"

/* A range of its own in front is the one that counts, whatever follows. */
static void check_first(struct arena *arena, const char *header)
{
    const char *longer = arena_printf(arena, "text/html;q=0.5,%s", header);
    struct accepted found = accept_of(longer, "text/html");
    INVARIANT(found.range == ACCEPT_NAMED && found.weight == 500);
    static const char *const languages[] = {"en", "tr"};
    INVARIANT(accept_language(arena_printf(arena, "tr,%s", header), languages, COUNT(languages)) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const languages[] = {"en", "tr"};
    struct arena *arena = arena_new();
    const char *header = fuzz_text(arena, data, size);
    struct accepted found = accept_of(header, "application/json");
    INVARIANT(found.weight >= 0 && found.weight <= 1000 && (found.range != ACCEPT_NOT || found.weight == 0));
    INVARIANT(accept_language(header, languages, COUNT(languages)) < COUNT(languages));
    check_first(arena, header);
    bool is_one = is_crawler(header);
    INVARIANT(is_crawler(arena_printf(arena, "curl/8 (%s)", header)) == is_one ||
              strlen(header) + 8 > CRAWLER_AGENT_MAX);
    arena_free(arena);
    return 0;
}
