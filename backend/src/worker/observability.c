#include "worker/observability.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/listen.h"
#include "domain/error_code.h"
#include "service/bearer.h"
#include "service/bodies.h"
#include "service/database.h"
#include "service/metrics_page.h"
#include "service/queue_gauges.h"
#include "service/readiness.h"
#include "service/server_gauges.h"
#include "sys/http/http.h"
#include "sys/log.h"

enum {
    CONNECTIONS_MAX = 64,
    MEMORY_MAX = 4 << 20,
    STATEMENTS_MAX = 256,
    BODY_MAX = 64 * 1024,
    REQUEST_MS = 5000,
    IDLE_MS = 60000,
    END_MS = 1000, /* for answers under way, at the end */
    END_CHECK_MS = 5,
    BEAT_MS = 1000,
    MISSED_POLLS = 3,
};

struct observability {
    /* the watched loop's */
    struct timer *beat;
    uint64_t beat_ms;
    struct thread *thread;

    atomic_uint_fast64_t turned_at; /* written by the watched loop, read here */

    /* the thread's own */
    uint64_t stuck_ns;
    struct loop *loop;
    struct db *db;
    struct http_server *https[HTTP_PLACES_MAX];
    int http_count;
    const struct config *config;
    struct queue_gauges *gauges;
    struct server_gauges *server_gauges;
    struct timer *end; /* NULL: not asked to end */
    uint64_t end_by;
};

/* ---- the watched loop ---- */

static void note_turn(void *ctx)
{
    struct observability *o = ctx;
    atomic_store_explicit(&o->turned_at, clock_ns(), memory_order_relaxed);
}

/* An idle loop turns, too. */
static void on_beat(void *ctx)
{
    struct observability *o = ctx;
    timer_set(o->beat, o->beat_ms);
}

static bool is_stuck(const struct observability *o)
{
    uint64_t turned_at = atomic_load_explicit(&o->turned_at, memory_order_relaxed), now = clock_ns();
    return now > turned_at && now - turned_at > o->stuck_ns;
}

/* ---- requests ---- */

struct visit {
    struct observability *observability;
    struct http_request *http;
    const char *route, *request_id;
    const char *error; /* for the log */
    int status;
};

static void observability_answer(struct visit *visit, int status, const char *content_type, const char *body,
                                 size_t len)
{
    if (http_is_answered(visit->http))
        return;
    visit->status = status;
    http_add_header(visit->http, "X-Request-Id", visit->request_id);
    http_answer(visit->http, status, content_type, body, len);
}

static void answer_json(struct visit *visit, int status, const char *json)
{
    observability_answer(visit, status, "application/json", json, strlen(json));
}

static void observability_refuse(struct visit *visit, int status, const char *sentence)
{
    struct arena *arena = visit->http->arena;
    visit->error = error_code(arena, sentence);
    answer_json(visit, status, error_body(arena, status, sentence, visit->error, visit->request_id));
}

static void answer_ok_unless(struct visit *visit, const char *why_not)
{
    struct arena *arena = visit->http->arena;
    if (why_not)
        visit->error = arena_strdup(arena, why_not);
    answer_json(visit, why_not ? 503 : 200, health_body(arena, why_not));
}

static void show_health(struct visit *visit)
{
    answer_ok_unless(visit, is_stuck(visit->observability) ? "event loop is stuck" : NULL);
}

static void show_readiness(struct visit *visit)
{
    answer_ok_unless(visit, readiness_why_not(visit->http->arena));
}

static void show_metrics(struct visit *visit)
{
    const char *refused = metrics_refusal(visit->observability->config, visit->http);
    if (*visit->observability->config->metrics_token)
        http_add_header(visit->http, "Cache-Control", "no-store");
    if (refused) {
        http_add_header(visit->http, "WWW-Authenticate", "Bearer");
        observability_refuse(visit, 401, refused);
        return;
    }
    struct metrics_page page = metrics_page(visit->http);
    observability_answer(visit, 200, METRICS_TYPE, page.text, page.len);
}

static const struct page {
    const char *path;
    void (*show)(struct visit *);
} pages[] = {{"/healthz", show_health}, {"/readyz", show_readiness}, {"/metrics", show_metrics}};

static const struct page *page_at(const char *path)
{
    for (size_t i = 0; i < COUNT(pages); i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    return NULL;
}

static struct visit *visit_of(struct observability *o, struct http_request *http)
{
    if (http->user)
        return http->user;
    struct visit *visit = http->user = arena_alloc(http->arena, sizeof *visit);
    *visit = (struct visit){.observability = o, .http = http, .route = "unmatched", .request_id = request_id_of(http)};
    return visit;
}

static size_t body_limit(void *ctx, struct http_request *http)
{
    (void)ctx, (void)http;
    return BODY_MAX;
}

static void on_request(void *ctx, struct http_request *http)
{
    struct visit *visit = visit_of(ctx, http);
    const struct page *page = page_at(http->path);
    if (page)
        visit->route = page->path;
    if (http->refused == 408) {
        observability_refuse(visit, 408, "request timed out");
    } else if (http->refused == 413) {
        observability_refuse(visit, 413, "request body too large");
    } else if (http->refused) {
        observability_refuse(visit, http->refused, "malformed request");
    } else if (!page) {
        observability_refuse(visit, 404, "not found");
    } else if (http->method != METHOD_GET) {
        http_add_header(http, "Allow", "GET, HEAD");
        observability_refuse(visit, 405, "method not allowed");
    } else {
        page->show(visit);
    }
}

static void on_deadline(void *ctx, struct http_request *http)
{
    observability_refuse(visit_of(ctx, http), 504, "request timed out");
}

static void on_end(void *ctx, struct http_request *http, bool answered)
{
    struct visit *visit = visit_of(ctx, http);
    (void)answered;
    /* 503 is what readyz says to a probe, and `not_ready` says it once. */
    log_write(visit->status >= 500 && visit->status != 503 ? LOG_ERROR : LOG_INFO, "http_request",
              LOG_FIELDS(log_str("request_id", visit->request_id), log_str("route", visit->route),
                         log_str("method", http->method_text), log_id("status", visit->status),
                         log_ms("latency_ms", clock_ns() - http->started), log_str("error", visit->error)));
}

/* ---- the thread ---- */

static bool open_server(struct observability *o, const struct http_place *place, struct err *err)
{
    int fd;
    if (!http_listen(place, &fd, err))
        return false;
    const struct http_config http = {.listen_fd = fd,
                                     .connection_limit = CONNECTIONS_MAX,
                                     .memory_limit = MEMORY_MAX,
                                     .request_timeout_ms = REQUEST_MS,
                                     .read_timeout_ms = REQUEST_MS,
                                     .write_timeout_ms = (uint64_t)o->config->write_timeout,
                                     .idle_timeout_ms = IDLE_MS,
                                     .body_limit = body_limit,
                                     .on_request = on_request,
                                     .on_deadline = on_deadline,
                                     .on_end = on_end,
                                     .ctx = o};
    o->https[o->http_count++] = http_start(o->loop, &http);
    return true;
}

static bool open_servers(struct observability *o, struct err *err)
{
    struct http_places places = listen_worker(o->config);
    bool ok = http_places_are_free(&places, err);
    for (int i = 0; ok && i < places.count; i++)
        ok = open_server(o, &places.list[i], err);
    return ok;
}

static void close_servers(struct observability *o)
{
    for (int i = 0; i < o->http_count; i++)
        http_stop(o->https[i]);
}

static void close_all(struct observability *o)
{
    close_servers(o);
    timer_free(o->end);
    queue_gauges_stop(o->gauges);
    server_gauges_stop(o->server_gauges);
    db_close(o->db);
    loop_free(o->loop);
    arena_drain_spares();
}

static void observability_run(void *ctx)
{
    struct observability *o = ctx;
    loop_run(o->loop);
    close_all(o);
}

static void open_database(struct observability *o, const struct config *config)
{
    struct db_config db = database_of(config, "personaworlds worker health", STATEMENTS_MAX);
    db.connections = 1;
    o->db = db_open(o->loop, &db);
    o->gauges = queue_gauges_start(o->loop, o->db);
    o->server_gauges = server_gauges_start(o->loop, o->db);
}

struct observability *observability_start(const struct config *config, struct loop *loop, struct err *err)
{
    struct observability *o = must_calloc(1, sizeof *o);
    o->loop = loop_new();
    o->config = config;
    if (!open_servers(o, err)) {
        close_servers(o);
        loop_free(o->loop);
        free(o);
        return NULL;
    }
    open_database(o, config);
    o->stuck_ns = MISSED_POLLS * (uint64_t)config->worker_poll_every * NS_PER_MS;
    o->beat_ms = MIN(BEAT_MS, (uint64_t)config->worker_poll_every);
    o->beat = timer_new(loop, on_beat, o);
    note_turn(o);
    on_beat(o);
    loop_each_turn(loop, TURN_SEND, note_turn, o);
    o->thread = thread_start(observability_run, o);
    return o;
}

static void leave(void *ctx)
{
    struct observability *o = ctx;
    for (int i = 0; i < o->http_count; i++)
        http_leave(o->https[i]);
}

void observability_leave(struct observability *o)
{
    loop_post(o->loop, leave, o);
}

static void end_when_answered(void *ctx)
{
    struct observability *o = ctx;
    int connections = 0;
    for (int i = 0; i < o->http_count; i++)
        connections += http_connections(o->https[i]);
    if (connections == 0 || loop_now(o->loop) >= o->end_by)
        loop_stop(o->loop);
    else
        timer_set(o->end, END_CHECK_MS);
}

static void observability_drain(void *ctx)
{
    struct observability *o = ctx;
    for (int i = 0; i < o->http_count; i++)
        http_drain(o->https[i]);
    o->end = timer_new(o->loop, end_when_answered, o);
    o->end_by = loop_now(o->loop) + END_MS * NS_PER_MS;
    end_when_answered(o);
}

void observability_stop(struct observability *o)
{
    if (!o)
        return;
    timer_free(o->beat);
    loop_post(o->loop, observability_drain, o);
    thread_join(o->thread);
    free(o);
}
