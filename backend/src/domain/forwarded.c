#include "domain/forwarded.h"

#include <string.h>

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

struct address forwarded_client(const struct address *peer, const char *hops, const struct cidr *proxies, int count)
{
    struct address client = *peer, hop;
    size_t len = strlen(hops);
    while (len > 0 && cidr_any_has(proxies, count, &client) && take_last_hop(hops, &len, &hop))
        client = hop;
    return client;
}
