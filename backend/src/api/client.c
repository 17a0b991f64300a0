#include "api/client.h"

#include <string.h>

#include "service/callers.h"

static struct proxies proxies;

bool client_start(const struct config *config, struct err *err)
{
    static struct arena *arena; /* for the process's life */
    arena = arena_new();
    return proxies_read(arena, config, &proxies, err);
}

static bool is_proxy(const struct address *address)
{
    for (int i = 0; i < proxies.count; i++)
        if (cidr_has(&proxies.networks[i], address))
            return true;
    return false;
}

/* The list's last member, which is cut off. False: nothing is left, or no address. */
static bool take_last_hop(const char *list, size_t *len, struct address *hop)
{
    size_t end = *len, begin;
    while (end > 0 && (list[end - 1] == ' ' || list[end - 1] == '\t'))
        end--;
    for (begin = end; begin > 0 && list[begin - 1] != ',';)
        begin--;
    *len = begin > 0 ? begin - 1 : 0;
    begin += strspn(list + begin, " \t");
    return begin < end && address_read(list + begin, end - begin, hop);
}

struct address client_of(struct call *call)
{
    struct address client = {0}, hop;
    const char *peer = http_peer(call->http);
    bool known = address_read(peer, strlen(peer), &client);
    const char *hops = known && is_proxy(&client) ? http_header_list(call->http, "X-Forwarded-For") : NULL;
    size_t len = hops ? strlen(hops) : 0;
    while (len > 0 && is_proxy(&client) && take_last_hop(hops, &len, &hop))
        client = hop;
    return client;
}

const char *client_address(struct call *call)
{
    char text[ADDRESS_TEXT_SIZE];
    struct address client = client_of(call);
    address_write(text, &client);
    return arena_strdup(call->arena, text);
}

const char *client_network(struct call *call)
{
    enum { CUSTOMER_PREFIX = 64 };
    char text[ADDRESS_TEXT_SIZE];
    struct address client = client_of(call);
    if (!address_is_v4(&client))
        client = address_cut(&client, CUSTOMER_PREFIX);
    address_write(text, &client);
    return arena_strdup(call->arena, text);
}
