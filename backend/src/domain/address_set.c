#include "domain/address_set.h"

#include <stdlib.h>
#include <string.h>

struct range {
    struct address first, last;
};

/* Sorted ranges without overlap. */
struct family {
    struct range *ranges;
    int count;
};

struct address_set {
    struct family families[2]; /* IPv6, IPv4: ::/0 would have IPv4's addresses, too */
    struct range ranges[];
};

static int compare(const struct address *one, const struct address *other)
{
    return memcmp(one->bytes, other->bytes, sizeof one->bytes);
}

static int by_first(const void *one, const void *other)
{
    const struct range *a = one, *b = other;
    return compare(&a->first, &b->first);
}

static void add_family(struct family *family, struct range *room, bool v4, const struct cidr *networks, int count)
{
    family->ranges = room;
    for (int i = 0; i < count; i++)
        if (address_is_v4(&networks[i].network) == v4)
            room[family->count++] = (struct range){networks[i].network, cidr_last(&networks[i])};
}

/* Sorts the ranges and joins those that overlap. */
static void merge(struct family *family)
{
    int kept = 0;
    struct range *ranges = family->ranges;
    qsort(ranges, (size_t)family->count, sizeof *ranges, by_first);
    for (int i = 0; i < family->count; i++) {
        struct range *last = kept ? &ranges[kept - 1] : NULL;
        if (!last || compare(&ranges[i].first, &last->last) > 0)
            ranges[kept++] = ranges[i];
        else if (compare(&ranges[i].last, &last->last) > 0)
            last->last = ranges[i].last;
    }
    family->count = kept;
}

struct address_set *address_set_new(const struct cidr *networks, int count)
{
    struct address_set *set = must_calloc(1, sizeof *set + (size_t)count * sizeof set->ranges[0]);
    add_family(&set->families[false], set->ranges, false, networks, count);
    add_family(&set->families[true], set->ranges + set->families[false].count, true, networks, count);
    merge(&set->families[false]);
    merge(&set->families[true]);
    return set;
}

void address_set_free(struct address_set *set)
{
    free(set);
}

bool address_set_has(const struct address_set *set, const struct address *address)
{
    const struct family *family = &set->families[address_is_v4(address)];
    /* the last range that begins at the address or before it is below `high` */
    int low = 0, high = family->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (compare(&family->ranges[middle].first, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && compare(address, &family->ranges[low - 1].last) <= 0;
}

bool address_set_is_empty(const struct address_set *set)
{
    return set->families[false].count + set->families[true].count == 0;
}
