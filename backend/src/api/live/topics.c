#include "api/live/topics.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_SIZE = 256 };

static size_t bucket_of(const struct topics *topics, const struct live_key *key)
{
    uint64_t hash = topics->seed;
    const unsigned char *bytes = (const unsigned char *)key;
    for (size_t i = 0; i < sizeof *key; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
    return (size_t)(hash ^ hash >> 29) & (topics->size - 1);
}

struct topic *topics_find(const struct topics *topics, const struct live_key *key)
{
    struct topic *topic = topics->count > 0 ? topics->buckets[bucket_of(topics, key)] : NULL;
    while (topic && !live_keys_equal(&topic->key, key))
        topic = topic->next;
    return topic;
}

static void put(struct topics *topics, struct topic *topic)
{
    struct topic **bucket = &topics->buckets[bucket_of(topics, &topic->key)];
    topic->next = *bucket;
    *bucket = topic;
}

static void grow(struct topics *topics)
{
    struct topics larger = {.size = MAX(topics->size * 2, (size_t)FIRST_SIZE), .count = topics->count};
    while (larger.seed == 0)
        if (getrandom(&larger.seed, sizeof larger.seed, 0) != sizeof larger.seed)
            abort(); /* only for a kernel without it */
    larger.buckets = must_calloc(larger.size, sizeof *larger.buckets);
    for (size_t i = 0; i < topics->size; i++)
        for (struct topic *topic = topics->buckets[i], *next; topic; topic = next) {
            next = topic->next;
            put(&larger, topic);
        }
    free(topics->buckets);
    *topics = larger;
}

void topics_add(struct topics *topics, struct topic *topic)
{
    if (topics->count >= topics->size)
        grow(topics);
    topics->count++;
    put(topics, topic);
}

void topics_remove(struct topics *topics, struct topic *topic)
{
    struct topic **at = &topics->buckets[bucket_of(topics, &topic->key)];
    while (*at && *at != topic)
        at = &(*at)->next;
    INVARIANT(*at);
    *at = topic->next;
    topics->count--;
}

struct topic *topics_any(const struct topics *topics)
{
    for (size_t i = 0; topics->count > 0 && i < topics->size; i++)
        if (topics->buckets[i])
            return topics->buckets[i];
    return NULL;
}

void topics_free(struct topics *topics)
{
    INVARIANT(topics->count == 0);
    free(topics->buckets);
    *topics = (struct topics){0};
}
