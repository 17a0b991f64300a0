/* Covers: domain/cidr.c */
#include "domain/cidr.h"
#include "fuzz.h"

static void check_address(const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];
    struct address again;
    address_write(text, address);
    INVARIANT(address_read(text, strlen(text), &again));
    INVARIANT(memcmp(&again, address, sizeof again) == 0);
}

/* A network has its own addresses, survives its own text, and meets itself. */
static void check_network(const struct cidr *cidr)
{
    char text[CIDR_TEXT_SIZE];
    struct cidr again;
    struct address last = cidr_last(cidr);
    cidr_write(text, cidr);
    INVARIANT(cidr_read(text, strlen(text), &again));
    INVARIANT(again.prefix == cidr->prefix && memcmp(&again.network, &cidr->network, sizeof last) == 0);
    INVARIANT(cidr_has(cidr, &cidr->network) && cidr_meets(cidr, &again));
    INVARIANT(address_is_v4(&last) != address_is_v4(&cidr->network) || cidr_has(cidr, &last));
    check_address(&last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *list = fuzz_text(arena, data, size), *bad = NULL;
    size_t len = strlen(list), bad_len = 0;
    struct cidr *networks = arena_alloc(arena, (len / 2 + 1) * sizeof *networks);
    int count;
    bool ok = cidr_list_read(list, networks, &count, &bad, &bad_len);
    INVARIANT(ok || (bad >= list && bad_len > 0 && bad + bad_len <= list + len));
    for (int i = 0; i < count - !ok; i++) {
        check_network(&networks[i]);
        INVARIANT(cidr_any_has(networks, count - !ok, &networks[i].network));
    }
    arena_free(arena);
    return 0;
}
