#include "config/problems.h"

#include <string.h>

#include "sys/http/places.h"

const char *addresses_problem(const char *text)
{
    struct http_places places;
    return http_places_read(text, 0, &places);
}

const char *place_problem(const char *text)
{
    struct http_place place;
    return http_place_read(text, &place);
}

const char *token_problem(const char *text)
{
    enum { LEAST = 16, MOST = 256 };
    static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~+/=";
    size_t len = strlen(text);
    bool fits = len >= LEAST && len <= MOST && strspn(text, allowed) == len;
    return fits ? NULL : "must have 16 to 256 letters, digits and -._~+/=";
}
