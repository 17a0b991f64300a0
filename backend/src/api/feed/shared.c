#include "api/feed/shared.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "api/http/answer_cache.h"
#include "base/clock.h"
#include "sys/db/json.h"

enum {
    RENEWED_AFTER_MS = 2000,
    KEPT_MS = 5000,
    TRENDING_READ = 100, /* the statement's limit */
};

/* Counted by who holds it: the keeper, and each request's arena. */
struct edition {
    struct arena *arena;
    struct feed_shared shared;
    uint64_t asked;
    int holders;
};

struct feed_wait {
    LIST_ENTRY(feed_wait) waits;
    struct arena *arena;
    uint64_t changed; /* an edition has to be of a later time */
    feed_done *done;
    void *ctx;
};

struct feed_keeper {
    struct db *db;
    struct edition *edition; /* NULL: none yet */
    struct db_call *reading; /* NULL: none is under way */
    uint64_t asked;          /* when that one began */
    LIST_HEAD(, feed_wait) waits;
};

/* ---- rows ---- */

/* The columns that only one kind has are 0 for the other. */
static int64_t number_in(struct db_part part, int row, int column)
{
    return column < 0 ? 0 : db_part_number(part, row, column);
}

/* NULL for SQL null. */
static const char *text_in(struct db_part part, int row, int column, struct arena *arena)
{
    const char *text = db_part_text(part, row, column);
    return text ? arena_strdup(arena, text) : NULL;
}

struct feed_list feed_entries_read(const struct db_rows *rows, const char *name, struct arena *arena)
{
    struct db_part part = db_part(rows, name);
    const char *const *objects = db_part_objects(part, arena);
    int count = db_part_count(part);
    int id = db_part_column(part, "_id"), created = db_part_column(part, "created_at"),
        owner = db_part_column(part, "_user_id"), shares = db_part_column(part, "shares"),
        remixes = db_part_column(part, "remixes"), uses = db_part_column(part, "usage_count");
    struct feed_entry *entries = arena_alloc(arena, ((size_t)count + 1) * sizeof *entries);
    for (int row = 0; row < count; row++)
        entries[row] = (struct feed_entry){
            .id = arena_strdup(arena, db_part_text(part, row, id)),
            .owner = text_in(part, row, owner, arena),
            .created_us = db_part_number(part, row, created),
            .shares = number_in(part, row, shares),
            .remixes = number_in(part, row, remixes),
            .uses = number_in(part, row, uses),
            .json = objects[row],
        };
    return (struct feed_list){.at = entries, .count = count};
}

/* The first of those that are used most, and that is the newest of them. */
static const struct feed_entry *highlight_of(struct feed_list templates)
{
    const struct feed_entry *best = NULL;
    for (int i = 0; i < templates.count; i++)
        if (!best || templates.at[i].uses > best->uses)
            best = &templates.at[i];
    return best;
}

struct feed_shared feed_shared_read(const struct db_rows *rows, struct arena *arena)
{
    struct feed_shared shared = {.trending = feed_entries_read(rows, "trending", arena),
                                 .templates = feed_entries_read(rows, "templates", arena)};
    shared.has_more_trending = shared.trending.count == TRENDING_READ;
    shared.highlight = highlight_of(shared.templates);
    return shared;
}

/* ---- editions ---- */

static void edition_release(void *ctx)
{
    struct edition *edition = ctx;
    if (--edition->holders > 0)
        return;
    arena_free(edition->arena);
    free(edition);
}

static void publish(struct feed_keeper *keeper, struct db_rows *rows)
{
    struct edition *edition = must_calloc(1, sizeof *edition);
    *edition = (struct edition){.arena = arena_new(), .asked = keeper->asked, .holders = 1};
    edition->shared = feed_shared_read(rows, edition->arena);
    if (keeper->edition)
        edition_release(keeper->edition);
    keeper->edition = edition;
}

static const struct feed_shared *edition_hold(struct edition *edition, struct arena *arena)
{
    edition->holders++;
    arena_defer(arena, edition_release, edition);
    return &edition->shared;
}

static void feed_read(struct feed_keeper *);

/* A change may have come while the statement ran: whoever asked after it waits for the next
 * edition. A callback ends only its own wait, so `next` stays valid. */
static void on_shared(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct feed_keeper *keeper = ctx;
    struct feed_wait *wait = LIST_FIRST(&keeper->waits), *next;
    bool is_read = outcome == DB_OK;
    keeper->reading = NULL;
    if (is_read)
        publish(keeper, rows);
    for (; wait; wait = next) {
        next = LIST_NEXT(wait, waits);
        if (is_read && keeper->edition->asked <= wait->changed)
            continue;
        feed_shared_drop(wait);
        wait->done(wait->ctx, outcome, rows, is_read ? edition_hold(keeper->edition, wait->arena) : NULL);
    }
    if (!LIST_EMPTY(&keeper->waits))
        feed_read(keeper);
}

static void feed_read(struct feed_keeper *keeper)
{
    if (keeper->reading)
        return;
    keeper->asked = clock_ns();
    keeper->reading = db_query(keeper->db, SQL_FEED_PUBLIC, (const char *const[]){NULL}, on_shared, keeper);
}

static bool is_older(const struct edition *edition, uint64_t now, int ms)
{
    return now >= edition->asked + (uint64_t)ms * NS_PER_MS;
}

const struct feed_shared *feed_shared_known(struct feed_keeper *keeper, struct arena *arena)
{
    struct edition *edition = keeper->edition;
    uint64_t now = clock_ns();
    if (!edition || is_older(edition, now, KEPT_MS) || edition->asked <= answer_changed_at())
        return NULL;
    if (is_older(edition, now, RENEWED_AFTER_MS))
        feed_read(keeper);
    return edition_hold(edition, arena);
}

struct feed_wait *feed_shared_ask(struct feed_keeper *keeper, struct arena *arena, feed_done *done, void *ctx)
{
    struct feed_wait *wait = arena_alloc(arena, sizeof *wait);
    *wait = (struct feed_wait){.arena = arena, .changed = answer_changed_at(), .done = done, .ctx = ctx};
    LIST_INSERT_HEAD(&keeper->waits, wait, waits);
    feed_read(keeper);
    return wait;
}

void feed_shared_drop(struct feed_wait *wait)
{
    LIST_REMOVE(wait, waits);
}

struct feed_keeper *feed_keeper_open(struct db *db)
{
    struct feed_keeper *keeper = must_calloc(1, sizeof *keeper);
    keeper->db = db;
    LIST_INIT(&keeper->waits);
    return keeper;
}

void feed_keeper_close(struct feed_keeper *keeper)
{
    if (!keeper)
        return;
    if (keeper->reading)
        db_drop(keeper->reading);
    if (keeper->edition)
        edition_release(keeper->edition);
    free(keeper);
}
