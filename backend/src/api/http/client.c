#include "api/http/client.h"

#include <string.h>

#include "domain/callers.h"
#include "domain/forwarded.h"

static struct proxies proxies;

bool client_start(const struct config *config, struct err *err)
{
    static struct arena *arena; /* for the process's life */
    arena = arena_new();
    return proxies_read(arena, config, &proxies, err);
}

struct address client_of(struct http_request *http)
{
    struct address peer = {0};
    const char *text = http_peer(http);
    if (!address_read(text, strlen(text), &peer) || !cidr_any_has(proxies.networks, proxies.count, &peer))
        return peer;
    const char *hops = http_header_list(http, "X-Forwarded-For");
    return hops ? forwarded_client(&peer, hops, proxies.networks, proxies.count) : peer;
}

const char *client_address(struct http_request *http)
{
    char text[ADDRESS_TEXT_SIZE];
    struct address client = client_of(http);
    address_write(text, &client);
    return arena_strdup(http->arena, text);
}

const char *client_network(struct http_request *http)
{
    enum { CUSTOMER_PREFIX = 64 };
    char text[ADDRESS_TEXT_SIZE];
    struct address client = client_of(http);
    if (!address_is_v4(&client))
        client = address_cut(&client, CUSTOMER_PREFIX);
    address_write(text, &client);
    return arena_strdup(http->arena, text);
}
