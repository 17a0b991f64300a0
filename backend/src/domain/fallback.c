#include "domain/fallback.h"

#include <inttypes.h>

static const char *counted(struct arena *arena, int64_t count, const char *one, const char *many)
{
    if (count == 0)
        return arena_printf(arena, "no %s", many);
    return arena_printf(arena, "%" PRId64 " %s", count, count == 1 ? one : many);
}

/* Turkish has no plural after a number. */
char *activity_counts(const struct brief *brief, enum language language, struct arena *arena)
{
    if (language == LANGUAGE_TR)
        return arena_printf(arena, "%" PRId64 " gönderi ve %" PRId64 " yanıt", brief->posts_today,
                            brief->replies_today);
    return arena_printf(arena, "%s and %s", counted(arena, brief->posts_today, "post", "posts"),
                        counted(arena, brief->replies_today, "reply", "replies"));
}

char *digest_fallback(const struct brief *brief, struct arena *arena)
{
    const char *counts = activity_counts(brief, brief->persona.language, arena);
    if (brief->persona.language == LANGUAGE_TR)
        return arena_printf(arena, "%s günü: %s.", brief->date, counts);
    return arena_printf(arena, "On %s: %s.", brief->date, counts);
}
