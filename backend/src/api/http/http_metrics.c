#include "api/http/http_metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/router.h"
#include "base/clock.h"
#include "sys/http/stream.h"
#include "sys/log.h"
#include "sys/metrics.h"

/* Every status that the service answers with; 499 stands for a client that left before its
 * request was whole. */
static const int statuses[] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405,
                               408, 409, 413, 429, 431, 499, 500, 502, 503, 504};

struct route_metrics {
    char label[96];
    struct metric *by_status[COUNT(statuses)];
    struct metric *duration;
};

static struct route_metrics *by_route;                   /* by route_place */
static struct route_metrics unmatched[METHOD_OTHER + 1]; /* by method */
static struct metric *in_flight;

static const char *const shed_reasons[] = {"card_queue", "password_queue", "db_queue", "events",
                                           "llm_queue",  "connections",    "memory",   "streams"};
static struct metric *shed[COUNT(shed_reasons)];

static void route_metrics_make(struct route_metrics *m, const char *method, struct family *total,
                               struct family *duration)
{
    char labels[256], status[8];
    for (size_t i = 0; i < COUNT(statuses); i++) {
        snprintf(status, sizeof status, "%d", statuses[i]);
        m->by_status[i] =
            metric_series(total, metric_labels(labels, 3, "route", m->label, "method", method, "status", status));
    }
    m->duration = metric_series(duration, metric_labels(labels, 2, "route", m->label, "method", method));
}

/* The label `class`: it groups routes by audience and dependency, so that an operator sees who is
 * affected. */
static const char *class_of(const struct route *route)
{
    return route->audience != FOR_CLIENTS ? "probe"
           : route->limit == LIMIT_LLM    ? "model"
           : route->limit == LIMIT_AUTH   ? "auth"
           : route->who == USER           ? "authenticated"
                                          : "public";
}

static void make_classes(void)
{
    struct family *info =
        metric_family(METRIC_GAUGE, "http_route_info",
                      "1; the class that a route belongs to, to be joined with its other series.", NULL);
    char labels[256];
    for (int i = 0; i < route_row_count(); i++) {
        const struct route *route = route_row(i);
        metric_set(metric_series(info, metric_labels(labels, 3, "route", by_route[i].label, "method",
                                                     method_names[route->method], "class", class_of(route))),
                   1);
    }
}

void http_metrics(void)
{
    struct family *total =
        metric_family(METRIC_COUNTER, "http_requests_total", "Requests, by route, method and status.", NULL);
    struct family *duration = metric_family(METRIC_HISTOGRAM, "http_request_duration_seconds",
                                            "From the request line to the answer.", duration_edges);
    by_route = must_calloc((size_t)route_row_count(), sizeof *by_route);
    for (int i = 0; i < route_row_count(); i++) {
        router_label(by_route[i].label, sizeof by_route[i].label, route_row(i));
        route_metrics_make(&by_route[i], method_names[route_row(i)->method], total, duration);
    }
    for (enum method m = METHOD_GET; m <= METHOD_OTHER; m++) {
        snprintf(unmatched[m].label, sizeof unmatched[m].label, "unmatched");
        route_metrics_make(&unmatched[m], method_names[m], total, duration);
    }
    make_classes();
    in_flight = metric_series(metric_family(METRIC_GAUGE, "http_requests_in_flight", "Requests under way.", NULL), "");
    struct family *f = metric_family(
        METRIC_COUNTER, "http_requests_shed_total",
        "Requests refused because a queue, the memory for bodies, the connections or the streams were used up.", NULL);
    char labels[256];
    for (size_t i = 0; i < COUNT(shed_reasons); i++)
        shed[i] = metric_series(f, metric_labels(labels, 1, "reason", shed_reasons[i]));
}

void http_begin(void)
{
    metric_shift(in_flight, +1);
}

static const struct route_metrics *metrics_of(const struct http_request *http, const struct route *route)
{
    return route ? &by_route[route_place(route)] : &unmatched[http->method];
}

static uint64_t time_of(const struct http_request *http)
{
    return clock_ns() - http->started;
}

/* A 501 is about what was asked for, as a 400 is, and no fault of the service: counted as an error
 * it would wake somebody whenever a stranger likes. */
static int counted_as(int status)
{
    return status == 501 ? 400 : status;
}

void http_count(const struct http_request *http, const struct route *route, int status)
{
    const struct route_metrics *m = metrics_of(http, route);
    metric_shift(in_flight, -1);
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (statuses[i] == counted_as(status))
            metric_add(m->by_status[i], 1);
    metric_observe(m->duration, time_of(http));
}

/* A probe that is told no isn't: `not_ready` says so once. */
static bool is_error(const struct http_ended *ended)
{
    bool is_probe = ended->route && ended->route->is_probe;
    return counted_as(ended->status) >= 500 && !ended->is_stopping && !is_probe;
}

void http_log(const struct http_ended *ended)
{
    log_write(is_error(ended) ? LOG_ERROR : LOG_INFO, "http_request",
              LOG_FIELDS(log_str("request_id", ended->request_id),
                         log_str("route", metrics_of(ended->http, ended->route)->label),
                         log_str("method", ended->http->method_text), log_int("status", ended->status),
                         log_ms("latency_ms", time_of(ended->http)), log_id("bytes", http_stream_bytes(ended->http)),
                         log_str("user_id", ended->user_id), log_str("client", ended->client),
                         log_str("account", ended->account), log_str("error", ended->error)));
}

void http_shed(const char *reason)
{
    for (size_t i = 0; i < COUNT(shed_reasons); i++)
        if (strcmp(shed_reasons[i], reason) == 0)
            metric_add(shed[i], 1);
}
