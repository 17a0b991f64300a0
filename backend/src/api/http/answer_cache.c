#include "api/http/answer_cache.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/text.h"

enum { BUCKETS = 1024, FRESH_MS = 1000, RENEWED_AFTER_MS = 800 };

/* Counted by who holds it: the cache, and each request's arena. */
struct entry {
    TAILQ_ENTRY(entry) entries;
    LIST_ENTRY(entry) chain; /* of its bucket */
    struct answer_key key;
    struct cached_answer answer;
    uint64_t asked;
    size_t size;
    int holders;
    bool is_renewed; /* a request asks again already */
    char texts[];
};

struct answer_cache {
    TAILQ_HEAD(, entry) entries; /* the one asked for last stands last */
    LIST_HEAD(, entry) buckets[BUCKETS];
    size_t bytes, bytes_max;
};

static atomic_uint_fast64_t changed_at;

void answer_caches_forget(uint64_t now)
{
    uint64_t before = atomic_load(&changed_at);
    while (before < now && !atomic_compare_exchange_weak(&changed_at, &before, now))
        continue;
}

uint64_t answer_changed_at(void)
{
    return atomic_load(&changed_at);
}

struct answer_cache *answer_cache_new(size_t bytes_max)
{
    struct answer_cache *cache = must_calloc(1, sizeof *cache);
    cache->bytes_max = bytes_max;
    TAILQ_INIT(&cache->entries);
    return cache;
}

static void entry_release(void *ctx)
{
    struct entry *entry = ctx;
    if (--entry->holders == 0)
        free(entry);
}

static void entry_forget(struct answer_cache *cache, struct entry *entry)
{
    INVARIANT_LINKED(entry, entries);
    TAILQ_REMOVE(&cache->entries, entry, entries);
    LIST_REMOVE(entry, chain);
    cache->bytes -= entry->size;
    entry_release(entry);
}

void answer_cache_free(struct answer_cache *cache)
{
    struct entry *entry;
    while (cache && (entry = TAILQ_FIRST(&cache->entries)))
        entry_forget(cache, entry);
    free(cache);
}

static size_t bucket_of(struct answer_key key)
{
    return (text_hash(key.id) ^ (uintptr_t)key.route / sizeof(void *)) % BUCKETS;
}

static struct entry *entry_of(struct answer_cache *cache, struct answer_key key)
{
    struct entry *entry;
    LIST_FOREACH (entry, &cache->buckets[bucket_of(key)], chain)
        if (entry->key.route == key.route && strcmp(entry->key.id, key.id) == 0)
            return entry;
    return NULL;
}

static bool is_older(const struct entry *entry, uint64_t now, int ms)
{
    return now >= entry->asked + (uint64_t)ms * NS_PER_MS;
}

const struct cached_answer *answer_cache_find(struct answer_cache *cache, struct arena *arena, struct answer_key key,
                                              uint64_t now)
{
    struct entry *entry = entry_of(cache, key);
    if (!entry)
        return NULL;
    if (is_older(entry, now, FRESH_MS) || entry->asked <= atomic_load(&changed_at)) {
        entry_forget(cache, entry);
        return NULL;
    }
    if (!entry->is_renewed && is_older(entry, now, RENEWED_AFTER_MS)) {
        entry->is_renewed = true;
        return NULL;
    }
    TAILQ_REMOVE(&cache->entries, entry, entries);
    TAILQ_INSERT_TAIL(&cache->entries, entry, entries);
    entry->holders++;
    arena_defer(arena, entry_release, entry);
    return &entry->answer;
}

/* Copies a text with its NUL to `at`, which it moves past it. */
static const char *put_text(char **at, const char *text, size_t len)
{
    char *copy = *at;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *at += len + 1;
    return copy;
}

static struct entry *entry_new(struct answer_key key, const struct cached_answer *answer, uint64_t asked)
{
    const char *metadata = answer->event_metadata;
    size_t id_len = strlen(key.id), etag_len = strlen(answer->etag), metadata_len = metadata ? strlen(metadata) : 0;
    size_t size = sizeof(struct entry) + answer->len + id_len + etag_len + metadata_len + 4;
    struct entry *entry = must_alloc(size);
    char *at = entry->texts;
    *entry = (struct entry){.asked = asked, .size = size, .holders = 1, .key.route = key.route};
    entry->key.id = put_text(&at, key.id, id_len);
    entry->answer.body = put_text(&at, answer->body, answer->len);
    entry->answer.len = answer->len;
    entry->answer.etag = put_text(&at, answer->etag, etag_len);
    entry->answer.is_gzip = answer->is_gzip;
    entry->answer.event_metadata = metadata ? put_text(&at, metadata, metadata_len) : NULL;
    return entry;
}

void answer_cache_keep(struct answer_cache *cache, struct answer_key key, const struct cached_answer *answer,
                       uint64_t asked)
{
    struct entry *earlier = entry_of(cache, key), *entry = entry_new(key, answer, asked);
    if (earlier)
        entry_forget(cache, earlier);
    LIST_INSERT_HEAD(&cache->buckets[bucket_of(key)], entry, chain);
    TAILQ_INSERT_TAIL(&cache->entries, entry, entries);
    cache->bytes += entry->size;
    while (cache->bytes > cache->bytes_max)
        entry_forget(cache, TAILQ_FIRST(&cache->entries));
}
