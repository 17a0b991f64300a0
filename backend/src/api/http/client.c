#include "api/http/client.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "domain/forwarded.h"
#include "sys/log.h"

static struct proxies proxies;
static enum forwarded_header header;

static const char *const header_names[] = {[HEADER_X_FORWARDED_FOR] = "X-Forwarded-For",
                                           [HEADER_FORWARDED] = "Forwarded"};

bool client_start(const struct config *config, struct err *err)
{
    static struct arena *arena; /* for the process's life */
    arena = arena_new();
    header = (enum forwarded_header)config->forwarded_header;
    return proxies_read(arena, config, &proxies, err);
}

/* Every request of a proxy may have such an item, so a minute has one line. */
static bool client_is_news(void)
{
    static atomic_uint_fast64_t told;
    uint_fast64_t last = atomic_load(&told), now = clock_ns();
    return (last == 0 || now - last >= 60 * NS_PER_S) && atomic_compare_exchange_strong(&told, &last, now);
}

static void warn_unreadable(const struct forwarded *forwarded, const struct http_request *http)
{
    enum { SHOWN = 64 };
    char proxy[ADDRESS_TEXT_SIZE];
    if (!client_is_news())
        return;
    address_write(proxy, &forwarded->client);
    log_warn("forwarded_unreadable", log_str("header", header_names[header]), log_str("proxy", proxy),
             log_str("item", arena_copy(http->arena, forwarded->unreadable, MIN(forwarded->unreadable_len, SHOWN))));
}

bool client_is_proxy(const char *peer)
{
    struct address address;
    return proxies.count > 0 && address_read(peer, strlen(peer), &address) &&
           cidr_any_has(proxies.networks, proxies.count, &address);
}

struct address client_of(struct http_request *http)
{
    struct address peer = {0};
    const char *text = http_peer(http), *list = NULL;
    bool is_proxy = address_read(text, strlen(text), &peer) && cidr_any_has(proxies.networks, proxies.count, &peer);
    if (is_proxy)
        list = http_header_list(http, header_names[header]);
    const struct forwarded forwarded = forwarded_client(&peer, list ? list : "", header, &proxies);
    if (forwarded.unreadable)
        warn_unreadable(&forwarded, http);
    return forwarded.client;
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

const char *client_wider_network(struct http_request *http, int prefix)
{
    char text[CIDR_TEXT_SIZE];
    struct address client = client_of(http);
    if (address_is_v4(&client))
        return NULL;
    cidr_write(text, &(struct cidr){address_cut(&client, prefix), prefix});
    return arena_strdup(http->arena, text);
}
