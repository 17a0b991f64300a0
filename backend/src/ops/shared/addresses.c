#include "ops/shared/addresses.h"

#include <string.h>

const char *service_url_read(struct arena *arena, const char *text)
{
    size_t len = strlen(text);
    bool ok = (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0) && !strpbrk(text, "@?# ");
    while (len && text[len - 1] == '/')
        len--;
    return ok && len > strlen("https:/") ? arena_copy(arena, text, len) : NULL;
}

bool addresses_add(struct arena *arena, struct addresses *addresses, const char *text)
{
    const char *url = service_url_read(arena, text);
    if (!url || addresses->count == ADDRESSES_MAX)
        return false;
    addresses->urls[addresses->count++] = url;
    return true;
}

void addresses_default(struct arena *arena, struct addresses *addresses, struct http_places places)
{
    if (!addresses->count)
        *addresses = (struct addresses){{http_places_url(arena, &places)}, 1};
}
