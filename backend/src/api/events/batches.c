#include "api/events/batches.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "sys/metrics.h"

enum {
    WAITING_MAX = 10000,
    WAITING_MAX_BYTES = 8 << 20,
    BATCH_MAX = 500,
    BATCH_MAX_BYTES = 1 << 20, /* reached, the batch is full */
    GATHER_MS = 50,
};

struct event {
    TAILQ_ENTRY(event) link;
    db_done *done; /* NULL: nobody waits */
    void *ctx;
    size_t len;
    char json[];
};

TAILQ_HEAD(event_list, event);

struct events {
    struct db *db;
    struct timer *gathering;
    struct event_list waiting, under_way;
    int waiting_count, under_way_count;
    int alone; /* so many of the first in `waiting` go one by one: their batch was refused */
    size_t waiting_bytes;
    struct db_call *batch; /* NULL: none is under way */
};

static struct metric *lost;

void events_metrics(void)
{
    struct family *f =
        metric_family(METRIC_COUNTER, "events_lost_total", "Events that were not written, or may not have been.", NULL);
    lost = metric_series(f, "");
}

/* ---- batches ---- */

static void write_next(void *events);

/* As one JSON list. The events move from `waiting` to `under_way`. */
static const char *gather(struct events *events, struct arena *arena)
{
    struct buf list = buf_new(arena);
    struct event *event;
    int most = events->alone ? 1 : BATCH_MAX;
    events->alone -= events->alone ? 1 : 0;
    while (events->under_way_count < most && list.len < BATCH_MAX_BYTES && (event = TAILQ_FIRST(&events->waiting))) {
        TAILQ_REMOVE(&events->waiting, event, link);
        TAILQ_INSERT_TAIL(&events->under_way, event, link);
        buf_str(&list, events->under_way_count++ == 0 ? "[" : ",");
        buf_add(&list, event->json, event->len);
        events->waiting_count--;
        events->waiting_bytes -= event->len;
    }
    buf_str(&list, "]");
    return list.text;
}

static void end_all(struct event_list *list, enum db_outcome outcome, struct db_rows *rows)
{
    for (struct event *event; (event = TAILQ_FIRST(list)); free(event)) {
        TAILQ_REMOVE(list, event, link);
        if (event->done)
            event->done(event->ctx, outcome, rows);
    }
}

/* One event may be why the batch was refused, so each is sent again alone, before the others. */
static void send_one_by_one(struct events *events)
{
    struct event *event;
    events->alone = events->under_way_count;
    events->waiting_count += events->under_way_count;
    events->under_way_count = 0;
    TAILQ_FOREACH (event, &events->under_way, link)
        events->waiting_bytes += event->len;
    TAILQ_CONCAT(&events->under_way, &events->waiting, link);
    TAILQ_CONCAT(&events->waiting, &events->under_way, link);
    events->batch = NULL;
    write_next(events);
}

static void on_written(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct events *events = ctx;
    struct event_list ended = TAILQ_HEAD_INITIALIZER(ended);
    /* Where the database itself isn't fit, no event is to blame. */
    if (outcome == DB_FAILED && !db_is_unfit(db_sqlstate(rows)) && events->under_way_count > 1) {
        send_one_by_one(events);
        return;
    }
    if (outcome != DB_OK)
        metric_add(lost, (uint64_t)events->under_way_count);
    TAILQ_CONCAT(&ended, &events->under_way, link);
    events->under_way_count = 0;
    events->batch = NULL;
    write_next(events);
    end_all(&ended, outcome, rows);
}

static void write_next(void *ctx)
{
    struct events *events = ctx;
    if (events->batch || TAILQ_EMPTY(&events->waiting))
        return;
    struct arena *arena = arena_new();
    const char *list = gather(events, arena);
    events->batch = db_query(events->db, SQL_EVENTS_RECORD, &list, on_written, events);
    arena_free(arena);
}

/* ---- for the rest of the API ---- */

struct events *events_open(struct loop *loop, struct db *db)
{
    struct events *events = must_calloc(1, sizeof *events);
    events->db = db;
    events->gathering = timer_new(loop, write_next, events);
    TAILQ_INIT(&events->waiting);
    TAILQ_INIT(&events->under_way);
    return events;
}

bool events_are_written(const struct events *events)
{
    return !events->batch && TAILQ_EMPTY(&events->waiting);
}

static void discard(struct event_list *list)
{
    for (struct event *event; (event = TAILQ_FIRST(list)); free(event)) {
        TAILQ_REMOVE(list, event, link);
        metric_add(lost, 1);
    }
}

void events_close(struct events *events)
{
    if (events->batch)
        db_drop(events->batch);
    discard(&events->under_way);
    discard(&events->waiting);
    timer_free(events->gathering);
    free(events);
}

static struct event *event_new(const struct event_facts *facts)
{
    struct arena *arena = arena_new();
    struct buf json = buf_new(arena);
    buf_str(&json, "{\"event_name\":");
    buf_json(&json, facts->name);
    if (*facts->user_id)
        buf_printf(&json, ",\"user_id\":\"%s\"", facts->user_id);
    if (facts->client)
        buf_printf(&json, ",\"client\":\"%s\"", facts->client);
    buf_printf(&json, ",\"metadata\":%s}", facts->metadata);
    struct event *event = must_alloc(sizeof *event + json.len);
    *event = (struct event){.len = json.len};
    memcpy(event->json, json.text, json.len);
    arena_free(arena);
    return event;
}

/* NULL: too many wait. */
static struct event *add_event(struct events *events, const struct event_facts *facts)
{
    if (events->waiting_count >= WAITING_MAX || events->waiting_bytes >= WAITING_MAX_BYTES) {
        metric_add(lost, 1);
        return NULL;
    }
    struct event *event = event_new(facts);
    TAILQ_INSERT_TAIL(&events->waiting, event, link);
    events->waiting_count++;
    events->waiting_bytes += event->len;
    return event;
}

struct event *events_record(struct events *events, const struct event_facts *facts, db_done *done, void *ctx)
{
    struct event *event = add_event(events, facts);
    if (!event)
        return NULL;
    event->done = done;
    event->ctx = ctx;
    write_next(events);
    return event;
}

void events_record_aside(struct events *events, const struct event_facts *facts)
{
    if (!add_event(events, facts))
        return;
    if (events->waiting_count >= BATCH_MAX)
        write_next(events);
    else if (!events->batch && !timer_is_set(events->gathering))
        timer_set(events->gathering, GATHER_MS);
}

bool events_are_behind(const struct events *events)
{
    return events->waiting_count >= WAITING_MAX / 2 || events->waiting_bytes >= WAITING_MAX_BYTES / 2;
}

void events_drop(struct event *event)
{
    event->done = NULL;
}
