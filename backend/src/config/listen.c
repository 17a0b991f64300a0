#include "config/listen.h"

#include <string.h>

static struct http_places places_of(const char *addresses, int64_t port)
{
    static const char loopback[] = "127.0.0.1,::1";
    struct http_places places;
    if (http_places_read(addresses, port, &places))
        (void)(http_places_read(loopback, port, &places) == NULL);
    return places;
}

struct http_places listen_api(const struct config *config)
{
    return places_of(config->listen_address, config->port);
}

struct http_places listen_operators(const struct config *config)
{
    struct http_places places = {.count = 1};
    if (!*config->observability_listen || http_place_read(config->observability_listen, &places.list[0]))
        places.count = 0;
    return places;
}

struct http_places listen_worker(const struct config *config)
{
    struct http_places apart = listen_operators(config);
    return places_of(apart.count ? apart.list[0].address : config->listen_address, config->worker_port);
}

struct http_places listen_api_probes(const struct config *config)
{
    struct http_places apart = listen_operators(config);
    return apart.count ? apart : listen_api(config);
}
