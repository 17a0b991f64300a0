#include "domain/rate.h"

#include <stdlib.h>

/* Entries are numbered from 1; 0 is none. All have a place in their bucket's chain and, by their
 * window's beginning, in the list of ages. */
struct window {
    struct rate_key key;
    int64_t began_ms;
    uint32_t next; /* in the chain, or among the free ones */
    uint32_t older, newer;
    uint32_t count;
};

struct rate_table {
    uint32_t capacity, keys, touched, free;
    uint32_t oldest, newest;
    uint32_t bucket_mask;
    uint32_t *buckets;
    struct window *windows;
};

struct rate_table *rate_table_new(uint32_t capacity)
{
    struct rate_table *table = must_calloc(1, sizeof *table);
    uint32_t buckets = 1;
    while (buckets < capacity)
        buckets *= 2;
    table->capacity = capacity;
    table->bucket_mask = buckets - 1;
    table->buckets = must_calloc(buckets, sizeof *table->buckets);
    table->windows = must_calloc((size_t)capacity + 1, sizeof *table->windows);
    return table;
}

void rate_table_free(struct rate_table *table)
{
    if (!table)
        return;
    free(table->buckets);
    free(table->windows);
    free(table);
}

uint32_t rate_table_keys(const struct rate_table *table)
{
    return table->keys;
}

static uint32_t *bucket_of(const struct rate_table *table, struct rate_key key)
{
    return &table->buckets[key.low & table->bucket_mask];
}

static uint32_t rate_find(const struct rate_table *table, struct rate_key key)
{
    uint32_t i = *bucket_of(table, key);
    while (i && (table->windows[i].key.low != key.low || table->windows[i].key.high != key.high))
        i = table->windows[i].next;
    return i;
}

static bool rate_is_over(const struct window *window, const struct rate_rule *rule, int64_t now_ms)
{
    return now_ms >= window->began_ms + rule->window_ms;
}

static void rate_forget(struct rate_table *table, uint32_t i)
{
    struct window *window = &table->windows[i];
    uint32_t *link = bucket_of(table, window->key);
    while (*link != i)
        link = &table->windows[*link].next;
    *link = window->next;
    *(window->older ? &table->windows[window->older].newer : &table->oldest) = window->newer;
    *(window->newer ? &table->windows[window->newer].older : &table->newest) = window->older;
    window->next = table->free;
    table->free = i;
    table->keys--;
}

static uint32_t room(struct rate_table *table)
{
    if (table->keys == table->capacity)
        rate_forget(table, table->oldest);
    uint32_t i = table->free;
    if (i)
        table->free = table->windows[i].next;
    return i ? i : ++table->touched;
}

static uint32_t rate_begin(struct rate_table *table, struct rate_key key, int64_t now_ms)
{
    uint32_t i = room(table);
    uint32_t *bucket = bucket_of(table, key);
    table->windows[i] = (struct window){.key = key, .began_ms = now_ms, .next = *bucket, .older = table->newest};
    *(table->newest ? &table->windows[table->newest].newer : &table->oldest) = i;
    table->newest = *bucket = i;
    table->keys++;
    return i;
}

/* Forgets two windows an event: so ended windows never pile up, and no single event pays for
 * many. */
static void forget_some_that_are_over(struct rate_table *table, const struct rate_rule *rule, int64_t now_ms)
{
    for (int i = 0; i < 2 && table->oldest && rate_is_over(&table->windows[table->oldest], rule, now_ms); i++)
        rate_forget(table, table->oldest);
}

static struct rate_state state_of(const struct window *window, const struct rate_rule *rule, int64_t now_ms)
{
    int64_t elapsed = MAX(now_ms - window->began_ms, 0);
    return (struct rate_state){.left = MAX(rule->count - window->count, 0), .resets_ms = rule->window_ms - elapsed};
}

struct rate_state rate_look(const struct rate_table *table, struct rate_key key, const struct rate_rule *rule,
                            int64_t now_ms)
{
    uint32_t i = rate_find(table, key);
    if (!i || rate_is_over(&table->windows[i], rule, now_ms))
        return (struct rate_state){.allowed = true, .left = rule->count, .resets_ms = rule->window_ms};
    struct rate_state state = state_of(&table->windows[i], rule, now_ms);
    state.allowed = state.left > 0;
    return state;
}

struct rate_state rate_take(struct rate_table *table, struct rate_key key, const struct rate_rule *rule, int64_t now_ms)
{
    forget_some_that_are_over(table, rule, now_ms);
    uint32_t i = rate_find(table, key);
    if (i && rate_is_over(&table->windows[i], rule, now_ms)) {
        rate_forget(table, i);
        i = 0;
    }
    if (!i)
        i = rate_begin(table, key, now_ms);
    struct window *window = &table->windows[i];
    bool allowed = window->count < rule->count;
    window->count += allowed;
    struct rate_state state = state_of(window, rule, now_ms);
    state.allowed = allowed;
    return state;
}
