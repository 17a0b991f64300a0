#include "api/cards/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/text.h"
#include "domain/card/card.h"
#include "sys/draw/draw.h"
#include "sys/metrics.h"
#include "sys/work.h"

enum {
    DRAWERS = WORK_THREADS_MAX,
    QUEUE_MAX = 128, /* a quarter of a second's work */
    KEPT_BYTES_MAX = 16 << 20,
    BUCKETS = 512, /* about as many cards as are kept */
};

/* A card that is drawn or will be. It is counted by who holds it: the store, the queue until it is
 * drawn, and each request's arena. */
struct entry {
    struct turn turn; /* first */
    TAILQ_ENTRY(entry) entries;
    LIST_ENTRY(entry) chain; /* of its bucket */
    int holders, waiting;
    atomic_bool finished; /* set with the lock, after the image; read without it */
    char *etag, *brief, *host;
    int64_t answers;
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

/* A thread at work: it draws until nothing waits. */
struct drawer {
    struct work work; /* first */
    bool at_work;
};

static struct {
    pthread_mutex_t lock;
    TAILQ_HEAD(, entry) entries; /* the one asked for last stands last */
    LIST_HEAD(, entry) buckets[BUCKETS];
    size_t kept_bytes; /* of finished ones */
    struct turns *turns;
    bool has_news; /* a card was finished; the desks weren't told yet */
    struct work_queue *queue;
    struct drawer drawers[DRAWERS];
    bool closing;
} store = {.lock = PTHREAD_MUTEX_INITIALIZER, .entries = TAILQ_HEAD_INITIALIZER(store.entries)};

/* The desks have a lock of their own, as telling them wakes their threads. Woken while a niced
 * thread holds the store's lock, they would wait for it until that thread gets a processor. */
static struct {
    pthread_mutex_t lock;
    LIST_HEAD(, card_desk) desks;
} office = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct metric *drawn, *draw_seconds;

/* ---- entries (the caller holds the lock) ---- */

static void card_deliver(void *desk);

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

static size_t bytes_of(const struct entry *entry)
{
    return sizeof *entry + strlen(entry->etag) + entry->image.len;
}

static void card_forget(struct entry *entry)
{
    INVARIANT_LINKED(entry, entries);
    TAILQ_REMOVE(&store.entries, entry, entries);
    LIST_REMOVE(entry, chain);
    store.kept_bytes -= entry->finished ? bytes_of(entry) : 0;
    entry_release(entry);
}

static void keep_within_bounds(void)
{
    struct entry *entry = TAILQ_FIRST(&store.entries), *next;
    for (; entry && store.kept_bytes > KEPT_BYTES_MAX; entry = next) {
        next = TAILQ_NEXT(entry, entries);
        if (entry->finished)
            card_forget(entry);
    }
}

/* Asked for now, so that it is kept for longest. */
static struct entry *card_find(const char *etag)
{
    struct entry *entry;
    LIST_FOREACH (entry, &store.buckets[text_hash(etag) % BUCKETS], chain)
        if (strcmp(entry->etag, etag) == 0)
            break;
    if (!entry)
        return NULL;
    TAILQ_REMOVE(&store.entries, entry, entries);
    TAILQ_INSERT_TAIL(&store.entries, entry, entries);
    return entry;
}

/* The queue no longer holds it; the store still does. */
static void leave_queue(struct entry *entry)
{
    INVARIANT(entry->holders > 1);
    entry->holders--;
}

static void card_finish(struct entry *entry)
{
    leave_queue(entry);
    entry->finished = true;
    store.kept_bytes += bytes_of(entry);
    if (!entry->png)
        card_forget(entry); /* who asks later tries again */
    keep_within_bounds();
    store.has_news = true;
}

/* Lets the store's lock go, and whoever waits for a finished card hears of it. */
static void unlock_and_tell(void)
{
    struct card_desk *desk;
    bool has_news = store.has_news;
    store.has_news = false;
    pthread_mutex_unlock(&store.lock);
    if (!has_news)
        return;
    pthread_mutex_lock(&office.lock);
    LIST_FOREACH (desk, &office.desks, desks)
        loop_post(desk->loop, card_deliver, desk);
    pthread_mutex_unlock(&office.lock);
}

/* ---- on the work threads ---- */

static void card_draw(struct entry *entry)
{
    struct arena *arena = arena_new();
    struct buf png = buf_new(arena);
    struct brief brief;
    uint64_t started = clock_ns();
    if (brief_read(&brief, LLM_POST_DRAFT, entry->brief, arena, &entry->err)) {
        struct card card = card_make(&brief, entry->answers, entry->host, arena);
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
    free(entry->brief); /* many times the size of what is kept of a card beside its picture */
    entry->brief = NULL;
}

/* The next card that somebody waits for; the caller holds the lock. */
static struct entry *next_awaited(void)
{
    struct turn *turn;
    while (!store.closing && (turn = turns_take(store.turns))) {
        struct entry *entry = (struct entry *)turn;
        if (entry->waiting > 0)
            return entry;
        leave_queue(entry);
        card_forget(entry);
    }
    return NULL;
}

static void draw_all(struct work *work)
{
    struct entry *entry;
    pthread_mutex_lock(&store.lock);
    while ((entry = next_awaited())) {
        pthread_mutex_unlock(&store.lock);
        card_draw(entry);
        pthread_mutex_lock(&store.lock);
        card_finish(entry);
        unlock_and_tell();
        pthread_mutex_lock(&store.lock);
    }
    ((struct drawer *)work)->at_work = false;
    pthread_mutex_unlock(&store.lock);
}

/* The caller holds the lock. */
static void wake_drawer(void)
{
    for (int i = 0; i < DRAWERS; i++) {
        struct drawer *drawer = &store.drawers[i];
        if (drawer->at_work)
            continue;
        drawer->at_work = work_add(store.queue, &drawer->work);
        return;
    }
}

/* ---- on the loops' threads ---- */

static void card_release(void *ctx)
{
    pthread_mutex_lock(&store.lock);
    entry_release(ctx);
    pthread_mutex_unlock(&store.lock);
}

/* A callback ends only its own wait, so `next` stays valid. */
static void card_deliver(void *ctx)
{
    struct card_desk *desk = ctx;
    struct card_wait *wait = LIST_FIRST(&desk->waits), *next;
    for (; wait; wait = next) {
        next = LIST_NEXT(wait, waits);
        if (!wait->entry->finished)
            continue;
        card_drop(wait);
        wait->done(wait->ctx, &wait->entry->image);
    }
}

static void displace(struct entry *entry)
{
    entry->image.was_displaced = true;
    card_finish(entry);
}

/* The caller holds the lock. */
static struct entry *card_begin(const struct card_order *order)
{
    struct entry *entry = must_calloc(1, sizeof *entry);
    *entry = (struct entry){.turn = {.origin = order->origin},
                            .holders = 2,
                            .etag = must_strdup(order->etag),
                            .brief = must_strdup(order->brief),
                            .host = must_strdup(order->host),
                            .answers = order->answers};
    TAILQ_INSERT_TAIL(&store.entries, entry, entries);
    LIST_INSERT_HEAD(&store.buckets[text_hash(order->etag) % BUCKETS], entry, chain);
    struct entry *displaced = (struct entry *)turns_add(store.turns, &entry->turn);
    if (displaced == entry) {
        leave_queue(entry);
        card_forget(entry);
        return NULL;
    }
    if (displaced)
        displace(displaced);
    wake_drawer();
    return entry;
}

/* The card's entry, found or new, with one more holder and one more waiting request. NULL where a
 * new entry finds the queue full. */
static struct entry *find_or_begin(const struct card_order *order, bool *finished)
{
    pthread_mutex_lock(&store.lock);
    struct entry *entry = card_find(order->etag);
    entry = entry ? entry : card_begin(order);
    if (entry) {
        entry->holders++;
        entry->waiting++;
        *finished = entry->finished;
    }
    unlock_and_tell();
    return entry;
}

const struct card_image *card_drawn(struct arena *arena, const char *etag)
{
    pthread_mutex_lock(&store.lock);
    struct entry *entry = card_find(etag);
    if (entry && !entry->finished)
        entry = NULL;
    if (entry)
        entry->holders++;
    pthread_mutex_unlock(&store.lock);
    if (!entry)
        return NULL;
    arena_defer(arena, card_release, entry);
    return &entry->image;
}

bool card_queue_is_full(const struct turn_origin *origin)
{
    pthread_mutex_lock(&store.lock);
    bool is_full = turns_are_full_for(store.turns, 0, origin);
    pthread_mutex_unlock(&store.lock);
    return is_full;
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
    pthread_mutex_lock(&office.lock);
    LIST_INSERT_HEAD(&office.desks, desk, desks);
    pthread_mutex_unlock(&office.lock);
    return desk;
}

void card_desk_close(struct card_desk *desk)
{
    if (!desk)
        return;
    pthread_mutex_lock(&office.lock);
    LIST_REMOVE(desk, desks);
    pthread_mutex_unlock(&office.lock);
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
    for (int i = 0; i < DRAWERS; i++)
        store.drawers[i].work.run = draw_all;
    store.turns = turns_new(1, QUEUE_MAX);
    store.queue = work_open(DRAWERS, 1, DRAWERS);
}

void card_store_stop(void)
{
    struct entry *entry;
    struct turn *turn;
    if (!store.queue)
        return;
    pthread_mutex_lock(&store.lock);
    store.closing = true;
    pthread_mutex_unlock(&store.lock);
    work_close(store.queue);
    while ((turn = turns_take(store.turns)))
        leave_queue((struct entry *)turn);
    while ((entry = TAILQ_FIRST(&store.entries)))
        card_forget(entry);
    turns_free(store.turns);
}
