/* Covers: domain/retry.c */
#include "domain/retry.h"
#include "fuzz.h"

/* The first line is Retry-After, the second retry-after-ms; an empty one isn't sent. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct retry_policy policy = {.base_ms = 400, .max_ms = 60000, .least_ms = 10};
    static const uint64_t day_ms = UINT64_C(24) * 60 * 60 * 1000;
    struct arena *arena = arena_new();
    const char *seconds = fuzz_line(arena, &data, &size), *ms = fuzz_line(arena, &data, &size);
    uint64_t named = retry_named_ms(*seconds ? seconds : NULL, *ms ? ms : NULL, 1700000000);
    INVARIANT(named == RETRY_UNNAMED || named <= day_ms);
    INVARIANT(*seconds || *ms || named == RETRY_UNNAMED);
    uint64_t wait = retry_delay_ms(&policy, (unsigned)strlen(seconds), size ? data[0] / 256.0 : 0);
    INVARIANT(wait >= policy.least_ms && wait <= policy.max_ms * 6 / 5);
    arena_free(arena);
    return 0;
}
