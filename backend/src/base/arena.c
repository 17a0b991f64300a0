#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AddressSanitizer sees malloc's blocks, not the pieces in them. Thus a block is poisoned, a
 * piece is unpoisoned to its exact size, a red zone stays behind each piece, and no arena is
 * kept for reuse: the sanitizer's quarantine then finds a use after arena_free. */
#if ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
enum { RED_ZONE = 16, MAX_SPARES = 0 };
#define POISON ASAN_POISON_MEMORY_REGION
#define UNPOISON ASAN_UNPOISON_MEMORY_REGION
#else
enum { RED_ZONE = 0, MAX_SPARES = 64 };
#define POISON(memory, size) ((void)0)
#define UNPOISON(memory, size) ((void)0)
#endif

enum { FIRST_BLOCK = 4096, ALIGNMENT = alignof(max_align_t) };

struct block {
    struct block *older;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
    struct deferred *older;
    void (*fn)(void *);
    void *ctx;
};

/* The arena itself lies in its first block, so that a small request costs one allocation, or
 * none. */
struct arena {
    struct block *newest;
    struct deferred *last;
    struct arena *next_spare;
};

static _Thread_local struct arena *spares;
static _Thread_local int spare_count;

static struct block *block_new(size_t size, struct block *older)
{
    struct block *block = must_alloc(sizeof *block + size);
    *block = (struct block){.older = older, .used = 0, .size = size};
    POISON(block->bytes, size);
    return block;
}

static size_t rounded(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct arena *arena_in(struct block *first)
{
    struct arena *arena = (struct arena *)(void *)first->bytes;
    UNPOISON(arena, sizeof *arena);
    *arena = (struct arena){.newest = first};
    first->used = rounded(sizeof *arena) + RED_ZONE;
    return arena;
}

struct arena *arena_new(void)
{
    if (!spares)
        return arena_in(block_new(FIRST_BLOCK, NULL));
    struct arena *arena = spares;
    spares = arena->next_spare;
    spare_count--;
    return arena_in(arena->newest);
}

void *arena_room(struct arena *arena, size_t size)
{
    size_t need = rounded(size) + RED_ZONE;
    struct block *block = arena->newest;
    if (block->size - block->used < need)
        block = arena->newest = block_new(MAX(need, block->size * 2), block);
    void *memory = block->bytes + block->used;
    block->used += need;
    UNPOISON(memory, size);
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_room(arena, size), 0, size);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t len)
{
    char *copy = arena_room(arena, len + 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        abort();
    char *text = arena_room(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

void arena_defer(struct arena *arena, void (*fn)(void *), void *ctx)
{
    struct deferred *deferred = arena_alloc(arena, sizeof *deferred);
    *deferred = (struct deferred){.older = arena->last, .fn = fn, .ctx = ctx};
    arena->last = deferred;
}

static struct block *free_all_but_first(struct block *block)
{
    while (block->older) {
        struct block *older = block->older;
        free(block);
        block = older;
    }
    return block;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct deferred *d = arena->last; d; d = d->older)
        d->fn(d->ctx);
    struct block *first = free_all_but_first(arena->newest);
    if (spare_count == MAX_SPARES) {
        free(first);
        return;
    }
    arena = arena_in(first);
    arena->next_spare = spares;
    spares = arena;
    spare_count++;
}

void arena_drain_spares(void)
{
    while (spares) {
        struct arena *next = spares->next_spare;
        free(spares->newest);
        spares = next;
    }
    spare_count = 0;
}
