/* Covers: domain/forwarded.c */
#include "domain/forwarded.h"
#include "fuzz.h"

/* The first line is the proxies, the second the peer, the rest the header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *list = fuzz_line(arena, &data, &size), *from = fuzz_line(arena, &data, &size), *bad;
    const char *hops = fuzz_text(arena, data, size);
    struct cidr *proxies = arena_alloc(arena, (strlen(list) / 2 + 1) * sizeof *proxies);
    struct address peer;
    size_t bad_len;
    int count;
    if (cidr_list_read(list, proxies, &count, &bad, &bad_len) && address_read(from, strlen(from), &peer)) {
        struct address client = forwarded_client(&peer, hops, proxies, count);
        bool is_peer = memcmp(&client, &peer, sizeof peer) == 0;
        /* a stranger's header is not believed */
        INVARIANT(is_peer || cidr_any_has(proxies, count, &peer));
        INVARIANT(is_peer || strpbrk(hops, ".:"));
    }
    arena_free(arena);
    return 0;
}
