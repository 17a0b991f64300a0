#include "domain/id_set.h"

#include <stdlib.h>

enum { LEAST_PLACES = 16 };

/* Open addressing, with the next places for those that collide; a key of 0 is a free place. */
struct id_set {
    size_t places, count; /* places: a power of two */
    uint64_t *keys;
    uint32_t *until;
};

/* ---- keys ---- */

/* The last step of splitmix64: each bit depends on all, and no two numbers become the same. */
static uint64_t mix(uint64_t bits)
{
    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return bits ^ bits >> 31;
}

static uint64_t digit(char c)
{
    return (uint64_t)(c <= '9' ? c - '0' : (c | ' ') - 'a' + 10);
}

uint64_t id_set_key(const char id[static UUID_SIZE])
{
    uint64_t halves[2] = {0};
    int digits = 0;
    for (const char *at = id; *at; at++) {
        if (*at == '-')
            continue;
        uint64_t *half = &halves[digits++ / 16];
        *half = *half << 4 | digit(*at);
    }
    uint64_t key = mix(halves[0] ^ mix(halves[1]));
    return key ? key : 1;
}

/* ---- the set ---- */

static void set_places(struct id_set *set, size_t places)
{
    set->places = places;
    set->count = 0;
    set->keys = must_calloc(places, sizeof *set->keys);
    set->until = must_calloc(places, sizeof *set->until);
}

struct id_set *id_set_new(void)
{
    struct id_set *set = must_calloc(1, sizeof *set);
    set_places(set, LEAST_PLACES);
    return set;
}

void id_set_free(struct id_set *set)
{
    if (!set)
        return;
    free(set->keys);
    free(set->until);
    free(set);
}

/* Where the key is, or would be. */
static size_t place_of(const struct id_set *set, uint64_t key)
{
    size_t place = key & (set->places - 1);
    while (set->keys[place] && set->keys[place] != key)
        place = (place + 1) & (set->places - 1);
    return place;
}

static void put(struct id_set *set, uint64_t key, uint32_t until_s)
{
    size_t place = place_of(set, key);
    set->count += set->keys[place] == 0;
    set->keys[place] = key;
    set->until[place] = MAX(set->until[place], until_s);
}

static bool is_full(size_t count, size_t places)
{
    return count * 4 > places * 3;
}

/* Puts those whose time isn't over into as many places. */
static void move_to(struct id_set *set, size_t places, uint32_t now_s)
{
    struct id_set old = *set;
    set_places(set, places);
    for (size_t i = 0; i < old.places; i++)
        if (old.keys[i] && old.until[i] > now_s)
            put(set, old.keys[i], old.until[i]);
    free(old.keys);
    free(old.until);
}

void id_set_add(struct id_set *set, uint64_t key, uint32_t until_s)
{
    if (is_full(set->count + 1, set->places))
        move_to(set, set->places * 2, 0);
    put(set, key, until_s);
}

bool id_set_has(const struct id_set *set, uint64_t key)
{
    return set->keys[place_of(set, key)] == key;
}

void id_set_forget(struct id_set *set, uint32_t now_s)
{
    size_t kept = 0, places = LEAST_PLACES;
    for (size_t i = 0; i < set->places; i++)
        kept += set->keys[i] && set->until[i] > now_s;
    while (is_full(kept + 1, places))
        places *= 2;
    if (kept < set->count)
        move_to(set, places, now_s);
}

size_t id_set_count(const struct id_set *set)
{
    return set->count;
}
