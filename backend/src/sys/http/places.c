#include "sys/http/places.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const char separators[] = ", \t";

static bool is_address(const char *text)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool place_set(struct http_place *place, const char *address, size_t len, int64_t port)
{
    if (len >= sizeof place->address)
        return false;
    memcpy(place->address, address, len);
    place->address[len] = '\0';
    place->port = port;
    return is_address(place->address);
}

const char *http_places_read(const char *addresses, int64_t port, struct http_places *places)
{
    static const char problem[] = "must be addresses like 127.0.0.1 or ::1, at most 4, separated by commas (:: is all)";
    places->count = 0;
    for (addresses += strspn(addresses, separators); *addresses; addresses += strspn(addresses, separators)) {
        size_t len = strcspn(addresses, separators);
        if (places->count == HTTP_PLACES_MAX || !place_set(&places->list[places->count++], addresses, len, port))
            return problem;
        addresses += len;
    }
    return places->count ? NULL : problem;
}

/* 0: it is none. */
static int64_t read_port(const char *text)
{
    enum { MOST_DIGITS = 5, MOST = 65535 };
    size_t digits = strspn(text, "0123456789");
    long port = digits > 0 && digits <= MOST_DIGITS && !text[digits] ? strtol(text, NULL, 10) : 0;
    return port <= MOST ? port : 0;
}

const char *http_place_read(const char *text, struct http_place *place)
{
    static const char problem[] = "must be an address and a port, like 127.0.0.1:9100 or [::1]:9100";
    const char *colon = strrchr(text, ':');
    int64_t port = colon ? read_port(colon + 1) : 0;
    if (port == 0)
        return problem;
    size_t len = (size_t)(colon - text);
    bool is_v6 = len >= 2 && *text == '[' && text[len - 1] == ']';
    if (is_v6)
        text++, len -= 2;
    bool has_colon = memchr(text, ':', len) != NULL;
    return is_v6 == has_colon && place_set(place, text, len, port) ? NULL : problem;
}

socklen_t http_place_socket_address(const struct http_place *place, struct sockaddr_storage *out)
{
    struct sockaddr_in *four = (void *)out;
    struct sockaddr_in6 *six = (void *)out;
    *out = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, place->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)place->port);
        return sizeof *four;
    }
    inet_pton(AF_INET6, place->address, &six->sin6_addr);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)place->port);
    return sizeof *six;
}

/* Whether `localhost` leads there. */
static bool is_local(const struct http_place *place)
{
    static const char *const local[] = {"::", "::1", "0.0.0.0", "127.0.0.1"};
    for (size_t i = 0; i < COUNT(local); i++)
        if (strcmp(place->address, local[i]) == 0)
            return true;
    return false;
}

const char *http_places_url(struct arena *arena, const struct http_places *places)
{
    const struct http_place *first = &places->list[0];
    for (int i = 0; i < places->count; i++)
        if (is_local(&places->list[i]))
            return arena_printf(arena, "http://localhost:%lld", (long long)first->port);
    bool is_v6 = strchr(first->address, ':') != NULL;
    return arena_printf(arena, "http://%s%s%s:%lld", is_v6 ? "[" : "", first->address, is_v6 ? "]" : "",
                        (long long)first->port);
}
