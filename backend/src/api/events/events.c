#include "api/events/events.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "api/http/route.h"
#include "base/buf.h"
#include "domain/event_fields.h"
#include "sys/metrics.h"

enum {
    WAITING_MAX = 10000,
    WAITING_MAX_BYTES = 8 << 20,
    BATCH_MAX = 500,
    BATCH_MAX_BYTES = 1 << 20, /* reached, the batch is full */
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
    struct event_list waiting, under_way;
    int waiting_count, under_way_count;
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

static void write_next(struct events *);

/* As one JSON list. The events move from `waiting` to `under_way`. */
static const char *gather(struct events *events, struct arena *arena)
{
    struct buf list = buf_new(arena);
    struct event *event;
    while (events->under_way_count < BATCH_MAX && list.len < BATCH_MAX_BYTES &&
           (event = TAILQ_FIRST(&events->waiting))) {
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

static void on_written(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct events *events = ctx;
    struct event_list ended = TAILQ_HEAD_INITIALIZER(ended);
    if (outcome != DB_OK)
        metric_add(lost, (uint64_t)events->under_way_count);
    TAILQ_CONCAT(&ended, &events->under_way, link);
    events->under_way_count = 0;
    events->batch = NULL;
    write_next(events);
    end_all(&ended, outcome, rows);
}

static void write_next(struct events *events)
{
    if (events->batch || TAILQ_EMPTY(&events->waiting))
        return;
    struct arena *arena = arena_new();
    const char *list = gather(events, arena);
    events->batch = db_query(events->db, SQL_EVENTS_RECORD, &list, on_written, events);
    arena_free(arena);
}

/* ---- for the rest of the API ---- */

struct events *events_open(struct db *db)
{
    struct events *events = must_calloc(1, sizeof *events);
    events->db = db;
    TAILQ_INIT(&events->waiting);
    TAILQ_INIT(&events->under_way);
    return events;
}

bool events_are_written(const struct events *events)
{
    return !events->batch;
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
    free(events);
}

static struct event *event_new(const char *name, const char *metadata, const char *user_id)
{
    struct arena *arena = arena_new();
    struct buf json = buf_new(arena);
    buf_str(&json, "{\"event_name\":");
    buf_json(&json, name);
    if (*user_id)
        buf_printf(&json, ",\"user_id\":\"%s\"", user_id);
    buf_printf(&json, ",\"metadata\":%s}", metadata);
    struct event *event = must_alloc(sizeof *event + json.len);
    *event = (struct event){.len = json.len};
    memcpy(event->json, json.text, json.len);
    arena_free(arena);
    return event;
}

struct event *events_record(struct events *events, const char *name, const char *metadata, const char *user_id,
                            db_done *done, void *ctx)
{
    if (events->waiting_count >= WAITING_MAX || events->waiting_bytes >= WAITING_MAX_BYTES) {
        metric_add(lost, 1);
        return NULL;
    }
    struct event *event = event_new(name, metadata, user_id);
    event->done = done;
    event->ctx = ctx;
    TAILQ_INSERT_TAIL(&events->waiting, event, link);
    events->waiting_count++;
    events->waiting_bytes += event->len;
    write_next(events);
    return event;
}

void events_drop(struct event *event)
{
    event->done = NULL;
}

/* ---- reads with an event ---- */

static void on_view_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    (void)outcome;
    (void)rows;
    struct call *call = ctx;
    call->event = NULL;
    call_answer(call, 200, call->state);
}

bool events_record_view(struct call *call, struct db_rows *rows)
{
    bool seen = call->route->event && db_number(rows, 0, 0) == 200 && strcmp(call->http->method_text, "HEAD") != 0;
    const char *metadata = seen ? db_text(rows, 0, 2) : NULL;
    if (!metadata)
        return false;
    db_keep(rows, call->arena);
    call->state = arena_strdup(call->arena, db_text(rows, 0, 1));
    call->event = events_record(call->api->events, call->route->event, metadata, call->user_id, on_view_recorded, call);
    return call->event != NULL;
}

/* ---- the summary for administrators ---- */

const char *events_summary(struct call *call)
{
    const struct config *config = call->api->config;
    bool is_open = !*config->admin_emails && config->app_env != ENV_PROD;
    struct buf names = buf_new(call->arena);
    for (const char *const *name = event_names; *name; name++)
        buf_printf(&names, "%s%s", name == event_names ? "{" : ",", *name);
    buf_str(&names, "}");
    call_param(call, is_open ? NULL : config->admin_emails);
    call_param(call, names.text);
    return NULL;
}

/* ---- POST /events ---- */

const struct field event_fields[] = {
    {.name = "event_name", .kind = FIELD_TEXT, .missing = unsupported_event},
    {.name = "metadata", .kind = FIELD_OBJECT, .default_text = "{}"},
    {.kind = FIELD_END},
};

static void on_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    call->event = NULL;
    if (outcome == DB_OK)
        call_answer(call, 202, "{\"ok\":true}");
    else
        call_fail_db(call, outcome, rows, true);
}

void events_post(struct call *call)
{
    enum { CALLER, NAME, METADATA };
    const char *name = event_name(call->params[NAME]);
    if (!name) {
        call_fail(call, 400, unsupported_event);
        return;
    }
    const char *metadata = event_metadata(call->params[METADATA], call->arena);
    call->event = events_record(call->api->events, name, metadata, call->user_id, on_recorded, call);
    if (!call->event)
        call_busy(call, "events");
}
