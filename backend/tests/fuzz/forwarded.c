/* Covers: domain/forwarded.c */
#include "domain/forwarded.h"
#include "fuzz.h"

/* A well-behaved proxy's own item decides, whatever stands left of it. */
static void check_last_item(struct arena *arena, const struct address *peer, const char *list,
                            enum forwarded_header header, const struct proxies *proxies)
{
    static const char *const items[] = {[HEADER_X_FORWARDED_FOR] = "[2001:db8:9::7]:4711",
                                        [HEADER_FORWARDED] = "proto=https;For=\"[2001:db8:9::7]:4711\";by=\"_a,b;c\""};
    struct address wanted;
    INVARIANT(address_read("2001:db8:9::7", strlen("2001:db8:9::7"), &wanted));
    if (!cidr_any_has(proxies->networks, proxies->count, peer) ||
        cidr_any_has(proxies->networks, proxies->count, &wanted))
        return;
    const char *longer = arena_printf(arena, "%s , %s, ", list, items[header]);
    struct address client = forwarded_client(peer, longer, header, proxies).client;
    INVARIANT(memcmp(&client, &wanted, sizeof client) == 0);
}

static void check_walk(struct arena *arena, const struct address *peer, const char *list, enum forwarded_header header,
                       const struct proxies *proxies)
{
    const struct forwarded got = forwarded_client(peer, list, header, proxies);
    struct address plain = address_behind_nat64(peer), again = address_behind_nat64(&got.client);
    bool is_peer = memcmp(&got.client, &plain, sizeof plain) == 0;
    /* a stranger's header is not believed */
    INVARIANT(is_peer || cidr_any_has(proxies->networks, proxies->count, peer));
    INVARIANT(is_peer || strpbrk(list, ".:"));
    INVARIANT(memcmp(&got.client, &again, sizeof again) == 0);
    INVARIANT(!got.unreadable || (got.unreadable >= list && got.unreadable_len > 0 &&
                                  got.unreadable + got.unreadable_len <= list + strlen(list)));
    check_last_item(arena, peer, list, header, proxies);
}

/* The first line is the proxies, the second the peer, the rest the header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *list = fuzz_line(arena, &data, &size), *from = fuzz_line(arena, &data, &size), *bad;
    const char *hops = fuzz_text(arena, data, size);
    struct proxies proxies = {.networks = arena_alloc(arena, (strlen(list) / 2 + 1) * sizeof *proxies.networks)};
    struct address peer;
    size_t bad_len;
    if (cidr_list_read(list, proxies.networks, &proxies.count, &bad, &bad_len) &&
        address_read(from, strlen(from), &peer)) {
        check_walk(arena, &peer, hops, HEADER_X_FORWARDED_FOR, &proxies);
        check_walk(arena, &peer, hops, HEADER_FORWARDED, &proxies);
    }
    arena_free(arena);
    return 0;
}
