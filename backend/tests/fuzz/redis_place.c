/* Covers: sys/redis/place.c */
#include "sys/redis/place.h"

#include <ctype.h>

#include "fuzz.h"

/* What a login's "%" is followed by. */
static void check_escapes(const char *login, size_t len)
{
    for (size_t i = 0; i < len; i++)
        INVARIANT(login[i] != '%' || (isxdigit((unsigned char)login[i + 1]) && isxdigit((unsigned char)login[i + 2])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *rest = fuzz_text(arena, data, size);
    const char *url = arena_printf(arena, "redis://%s", rest);
    struct redis_place place = {0};
    if (redis_place_read(&place, url)) {
        INVARIANT(place.count >= 1 && place.count <= REDIS_HOSTS_MAX);
        for (int i = 0; i < place.count; i++)
            INVARIANT(*place.hosts[i].name && place.hosts[i].port >= 1 && place.hosts[i].port <= 65535);
        INVARIANT(place.user && place.database && place.database[strspn(place.database, "0123456789")] == '\0');
        if (place.password)
            check_escapes(rest, strcspn(rest, "@"));
    }
    redis_place_clear(&place);
    struct redis_place other = {0};
    INVARIANT(!redis_place_read(&other, rest) || strncmp(rest, "redis://", 8) == 0);
    redis_place_clear(&other);
    arena_free(arena);
    return 0;
}
