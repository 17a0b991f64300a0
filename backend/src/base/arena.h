/* Memory that is freed all at once: one arena per request and per job.
 *
 * Whatever is allocated lives until arena_free; nothing is freed one by one. Memory comes zeroed,
 * but for arena_room's, and aligned for any type. Out of memory ends the process (base.h). An arena
 * belongs to one thread at a time. Freed arenas are kept for reuse by their thread. Under
 * AddressSanitizer a byte past a piece is an error, and so is a piece after arena_free.
 */
#ifndef PW_BASE_ARENA_H
#define PW_BASE_ARENA_H

#include "base/base.h"

struct arena;

struct arena *arena_new(void);   /* an empty arena, maybe a spare one of this thread */
void arena_free(struct arena *); /* runs the deferred calls, last one first; NULL is fine */
/* gives this thread's spare arenas back to the system; at a thread's end */
void arena_drain_spares(void);

/* zeroed; ends the process where there is no memory */
void *arena_alloc(struct arena *, size_t size) __attribute__((alloc_size(2), returns_nonnull));
/* the same, not zeroed: for what is written at once, like a long text */
void *arena_room(struct arena *, size_t size) __attribute__((alloc_size(2), returns_nonnull));
/* adds a NUL */
char *arena_copy(struct arena *, const char *bytes, size_t len) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *, const char *text) __attribute__((returns_nonnull));
char *arena_printf(struct arena *, const char *fmt, ...) PRINTF(2, 3) __attribute__((returns_nonnull));

/* Calls fn(ctx) when the arena is freed: for what libraries allocate by themselves. */
void arena_defer(struct arena *, void (*fn)(void *ctx), void *ctx);

#endif
