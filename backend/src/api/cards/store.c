#include "api/cards/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "domain/card/card.h"
#include "sys/draw/draw.h"
#include "sys/metrics.h"
#include "sys/work.h"

enum {
    QUEUE_MAX = 32, /* two seconds' work */
    KEPT_MAX = 64,
    KEPT_BYTES_MAX = 16 << 20,
};

/* A card that is drawn or will be. It is counted by who holds it: the store, the work thread,
 * and each request's arena. */
struct entry {
    struct work work; /* first */
    TAILQ_ENTRY(entry) entries;
    int holders, waiting;
    bool finished;
    char *etag, *brief, *host;
    int64_t replies;
    struct card_image image;
    char *png;
    struct err err;
};

struct card_wait {
    LIST_ENTRY(card_wait) waits;
    struct entry *entry;
    card_done *done;
    void *ctx;
};

struct card_desk { /* its waits are its loop's alone */
    LIST_ENTRY(card_desk) desks;
    struct loop *loop;
    LIST_HEAD(, card_wait) waits;
};

static struct {
    pthread_mutex_t lock;
    TAILQ_HEAD(, entry) entries; /* the one asked for last stands last */
    int kept;                    /* finished ones */
    size_t kept_bytes;
    LIST_HEAD(, card_desk) desks;
    struct work_queue *queue;
} store = {.lock = PTHREAD_MUTEX_INITIALIZER, .entries = TAILQ_HEAD_INITIALIZER(store.entries)};

static struct metric *drawn, *draw_seconds;

/* ---- entries (the caller holds the lock) ---- */

static void entry_release(struct entry *entry)
{
    if (--entry->holders > 0)
        return;
    free(entry->etag);
    free(entry->brief);
    free(entry->host);
    free(entry->png);
    free(entry);
}

static void card_forget(struct entry *entry)
{
    INVARIANT_LINKED(entry, entries);
    TAILQ_REMOVE(&store.entries, entry, entries);
    if (entry->finished) {
        store.kept--;
        store.kept_bytes -= entry->image.len;
    }
    entry_release(entry);
}

static void keep_within_bounds(void)
{
    struct entry *entry = TAILQ_FIRST(&store.entries), *next;
    for (; entry && (store.kept > KEPT_MAX || store.kept_bytes > KEPT_BYTES_MAX); entry = next) {
        next = TAILQ_NEXT(entry, entries);
        if (entry->finished)
            card_forget(entry);
    }
}

static struct entry *card_find(const char *etag)
{
    struct entry *entry;
    TAILQ_FOREACH (entry, &store.entries, entries)
        if (strcmp(entry->etag, etag) == 0)
            return entry;
    return NULL;
}

/* ---- on the work thread ---- */

static void card_deliver(void *desk);

static void card_draw(struct entry *entry)
{
    struct arena *arena = arena_new();
    struct buf png = buf_new(arena);
    struct brief brief;
    uint64_t started = clock_ns();
    if (brief_read(&brief, LLM_POST_DRAFT, entry->brief, arena, &entry->err)) {
        struct card card = card_make(&brief, entry->replies, entry->host, arena);
        struct picture picture = card_picture(&card, arena);
        if (draw_png(&picture, &png, &entry->err)) {
            entry->png = must_alloc(png.len);
            memcpy(entry->png, png.text, png.len);
        }
    }
    entry->image = (struct card_image){.png = entry->png, .len = entry->png ? png.len : 0, .problem = entry->err.text};
    metric_add(drawn, entry->png != NULL);
    metric_observe(draw_seconds, clock_ns() - started);
    arena_free(arena);
}

static bool is_awaited(struct entry *entry)
{
    pthread_mutex_lock(&store.lock);
    bool awaited = entry->waiting > 0;
    if (!awaited) {
        card_forget(entry);
        entry_release(entry);
    }
    pthread_mutex_unlock(&store.lock);
    return awaited;
}

static void card_run(struct work *work)
{
    struct entry *entry = (struct entry *)work;
    struct card_desk *desk;
    if (!is_awaited(entry))
        return;
    card_draw(entry);
    pthread_mutex_lock(&store.lock);
    entry->finished = true;
    store.kept++;
    store.kept_bytes += entry->image.len;
    if (!entry->png)
        card_forget(entry); /* a later request draws it again */
    entry_release(entry);
    keep_within_bounds();
    LIST_FOREACH (desk, &store.desks, desks)
        loop_post(desk->loop, card_deliver, desk);
    pthread_mutex_unlock(&store.lock);
}

/* ---- on the loops' threads ---- */

static void card_release(void *ctx)
{
    pthread_mutex_lock(&store.lock);
    entry_release(ctx);
    pthread_mutex_unlock(&store.lock);
}

static bool is_finished(struct entry *entry)
{
    pthread_mutex_lock(&store.lock);
    bool finished = entry->finished;
    pthread_mutex_unlock(&store.lock);
    return finished;
}

/* A callback ends only its own wait, so `next` stays valid. */
static void card_deliver(void *ctx)
{
    struct card_desk *desk = ctx;
    struct card_wait *wait = LIST_FIRST(&desk->waits), *next;
    for (; wait; wait = next) {
        next = LIST_NEXT(wait, waits);
        if (!is_finished(wait->entry))
            continue;
        card_drop(wait);
        wait->done(wait->ctx, &wait->entry->image);
    }
}

/* The caller holds the lock. */
static struct entry *card_begin(const struct card_order *order)
{
    struct entry *entry = must_calloc(1, sizeof *entry);
    *entry = (struct entry){.work.run = card_run,
                            .holders = 2,
                            .etag = must_strdup(order->etag),
                            .brief = must_strdup(order->brief),
                            .host = must_strdup(order->host),
                            .replies = order->replies};
    TAILQ_INSERT_TAIL(&store.entries, entry, entries);
    if (work_add(store.queue, &entry->work))
        return entry;
    card_forget(entry);
    entry_release(entry);
    return NULL;
}

/* The card's entry, found or new, with one more holder and one more waiting request. NULL where a
 * new entry finds the queue full. */
static struct entry *find_or_begin(const struct card_order *order, bool *finished)
{
    pthread_mutex_lock(&store.lock);
    struct entry *entry = card_find(order->etag);
    if (entry) {
        TAILQ_REMOVE(&store.entries, entry, entries);
        TAILQ_INSERT_TAIL(&store.entries, entry, entries);
    } else
        entry = card_begin(order);
    if (entry) {
        entry->holders++;
        entry->waiting++;
        *finished = entry->finished;
    }
    pthread_mutex_unlock(&store.lock);
    return entry;
}

struct card_wait *card_ask(struct card_desk *desk, struct arena *arena, const struct card_order *order, card_done *done,
                           void *ctx)
{
    bool finished = false;
    struct entry *entry = find_or_begin(order, &finished);
    if (!entry)
        return NULL;
    arena_defer(arena, card_release, entry);
    struct card_wait *wait = arena_alloc(arena, sizeof *wait);
    *wait = (struct card_wait){.entry = entry, .done = done, .ctx = ctx};
    LIST_INSERT_HEAD(&desk->waits, wait, waits);
    if (finished)
        loop_post(desk->loop, card_deliver, desk);
    return wait;
}

void card_drop(struct card_wait *wait)
{
    LIST_REMOVE(wait, waits);
    pthread_mutex_lock(&store.lock);
    wait->entry->waiting--;
    pthread_mutex_unlock(&store.lock);
}

struct card_desk *card_desk_open(struct loop *loop)
{
    struct card_desk *desk = must_calloc(1, sizeof *desk);
    desk->loop = loop;
    LIST_INIT(&desk->waits);
    pthread_mutex_lock(&store.lock);
    LIST_INSERT_HEAD(&store.desks, desk, desks);
    pthread_mutex_unlock(&store.lock);
    return desk;
}

void card_desk_close(struct card_desk *desk)
{
    if (!desk)
        return;
    pthread_mutex_lock(&store.lock);
    LIST_REMOVE(desk, desks);
    pthread_mutex_unlock(&store.lock);
    free(desk);
}

/* ---- the process ---- */

void card_store_metrics(void)
{
    drawn = metric_series(metric_family(METRIC_COUNTER, "cards_drawn_total", "Battle cards drawn.", NULL), "");
    draw_seconds = metric_series(
        metric_family(METRIC_HISTOGRAM, "card_draw_duration_seconds", "Drawing one battle card.", duration_edges), "");
}

void card_store_start(void)
{
    store.queue = work_open(QUEUE_MAX);
}

/* Gives up the hold that the ended work thread has on each card that was never drawn. */
void card_store_stop(void)
{
    struct entry *entry;
    if (!store.queue)
        return;
    work_close(store.queue);
    while ((entry = TAILQ_FIRST(&store.entries))) {
        entry->holders -= !entry->finished;
        card_forget(entry);
    }
}
