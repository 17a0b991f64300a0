#include "ops/verify/items.h"

#include <jansson.h>
#include <math.h>

#include "base/clock.h"
#include "ops/shared/objectives.h"
#include "ops/shared/traffic.h"

/* The service levels (docs/SLO.md), and where a checklist says "normal" or "not growing", what
 * we take for it. */
#define ERRORS_MOST (1 - OBJECTIVE_AVAILABILITY) /* of the requests: the availability that the SLO promises */
#define REQUESTS_LEAST 5                         /* for a p95 that means something */
#define DUE_MOST_S 60.0                          /* a healthy worker takes a job within its poll, 3 s */
#define GROWTH_SHARE 0.1                         /* of the first third's mean, or */
#define GROWTH_JOBS 5.0                          /* this many jobs: what comes and goes */
#define RETRIES_SHARE (1 - OBJECTIVE_JOBS_DONE)  /* of the attempts: as many as jobs may fail by the SLO, or */
#define HANDFUL 5.0                              /* this many: a few say nothing about a rate */
#define DIGEST_MOST_S 600.0
#define NOTIFICATION_MOST_S 60.0
#define REFUSALS_MOST 1.0 /* a second */

/* ---- all the time ---- */

/* The reason in {"ok":false,"error":"…"}. */
static const char *unhealthy_reason(const struct view *view, const struct scrape *health)
{
    if (health->error)
        return health->error;
    json_t *body = json_loads(health->body, 0, NULL);
    const char *error = json_string_value(json_object_get(body, "error"));
    const char *reason = arena_printf(view->arena, "%d %s", health->status, error ? error : "");
    json_decref(body);
    return reason;
}

static bool judge_health(const struct view *view, int first, int end, const char *what, struct err *value)
{
    for (int i = first; i < end; i++) {
        const struct watched *service = &view->now->services[i];
        if (service->health.status != 200)
            return fail(value, "%s: %s", service->url, unhealthy_reason(view, &service->health));
    }
    fail(value, end - first == 1 ? "200" : "200 from all %d %s", end - first, what);
    return true;
}

static bool judge_readyz(const struct view *view, struct err *value)
{
    return judge_health(view, 0, view->now->apis, "APIs", value);
}

static bool judge_worker(const struct view *view, struct err *value)
{
    return judge_health(view, view->now->apis, view->now->count, "workers", value);
}

/* A page that isn't there says nothing, and certainly not that all is well. */
static bool has_pages(const struct view *view, int first, int end, struct err *value)
{
    for (int i = first; i < end; i++)
        if (view->now->services[i].metrics.status != 200)
            return fail(value, "no metrics from %s%s", view->now->services[i].url,
                        view->now->services[i].metrics.status == 401 ? " with this METRICS_TOKEN" : "");
    return true;
}

static bool has_api_pages(const struct view *view, struct err *value)
{
    return has_pages(view, 0, view->now->apis, value);
}

static bool has_worker_pages(const struct view *view, struct err *value)
{
    return has_pages(view, view->now->apis, view->now->count, value);
}

/* ---- requests ---- */

static bool judge_errors(const struct view *view, struct err *value)
{
    if (!has_api_pages(view, value))
        return false;
    double requests = 0, errors = 0;
    struct traffic traffic = traffic_of(view->arena, &view->total, &view->gained);
    for (int i = 0; i < ROUTE_CLASSES; i++) {
        requests += traffic.classes[i].requests;
        errors += traffic.classes[i].errors;
    }
    bool holds = errors <= ERRORS_MOST * requests;
    fail(value, "%.0f of %.0f requests (%.2f %%)%s%s", errors, requests, requests > 0 ? 100 * errors / requests : 0,
         holds ? "" : ": ", holds ? "" : traffic_errors(view->arena, &view->total, &view->gained, 3));
    return holds;
}

static const char *milliseconds(const struct view *view, double s)
{
    return s < 0 ? "-" : arena_printf(view->arena, "%.0f ms", 1000 * s);
}

/* The slowest class of routes; -1 where none has enough requests to say. */
static double slowest(const struct traffic *traffic, bool with_model)
{
    double most = -1;
    for (enum route_class c = 0; c < ROUTE_CLASSES; c++)
        if ((c == CLASS_MODEL) == with_model && traffic->classes[c].requests >= REQUESTS_LEAST &&
            !isnan(traffic->classes[c].p95))
            most = fmax(most, traffic->classes[c].p95);
    return most;
}

static bool judge_latency(const struct view *view, struct err *value)
{
    if (!has_api_pages(view, value))
        return false;
    struct traffic traffic = traffic_of(view->arena, &view->total, &view->gained);
    double without = slowest(&traffic, false), with = slowest(&traffic, true);
    fail(value, "p95 %s without a model, %s with one", milliseconds(view, without), milliseconds(view, with));
    return without < OBJECTIVE_LATENCY_S && with < OBJECTIVE_MODEL_LATENCY_S;
}

static bool judge_rate_limits(const struct view *view, struct err *value)
{
    if (!has_api_pages(view, value))
        return false;
    double seconds = (double)(view->now->at_ns - view->from->at_ns) / (double)NS_PER_S;
    double refused = page_sum(&view->gained, "rate_limit_events_total", NULL);
    fail(value, "%.0f refused in %.0f s", refused, seconds);
    return refused <= fmax(HANDFUL, REFUSALS_MOST * seconds);
}

/* ---- jobs ---- */

double queue_depth(const struct moment *moment)
{
    double most = 0;
    for (int i = 0; i < moment->count; i++)
        most = fmax(most, page_sum(&moment->services[i].page, "queue_depth", NULL));
    return most;
}

static double mean(const struct depth *depths, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += depths[i].jobs;
    return count ? sum / count : 0;
}

static bool judge_queue(const struct view *view, struct err *value)
{
    if (!has_worker_pages(view, value))
        return false;
    if (!view->now->queue_is_known)
        return fail(value, "%s", view->now->queue_error);
    int third = view->depth_count / 3;
    double first = mean(view->depths, third), last = mean(view->depths + view->depth_count - third, third);
    if (view->now->oldest_due_s > DUE_MOST_S)
        return fail(value, "a job (%s) is due since %.0f s", view->now->oldest_due_type, view->now->oldest_due_s);
    if (last > first + fmax(GROWTH_JOBS, GROWTH_SHARE * first))
        return fail(value, "grows: from %.0f to %.0f jobs", first, last);
    fail(value, "%.0f jobs, none due for long", queue_depth(view->now));
    return true;
}

static bool judge_retries(const struct view *view, struct err *value)
{
    if (!has_worker_pages(view, value))
        return false;
    double attempts = page_sum(&view->gained, "jobs_processed_total", NULL);
    double retries = page_sum(&view->gained, "jobs_processed_total", WHERE(IS("status", "retry")));
    fail(value, "%.0f of %.0f attempts", retries, attempts);
    return retries <= fmax(HANDFUL, RETRIES_SHARE * attempts);
}

static double most_of(const struct moment *moment, const char *name)
{
    double most = 0;
    for (int i = 0; i < moment->count; i++)
        most = fmax(most, page_max(&moment->services[i].page, name, NULL));
    return most;
}

static bool judge_freshness(const struct view *view, struct err *value)
{
    if (!has_worker_pages(view, value))
        return false;
    double digest = most_of(view->now, "digest_age_seconds"),
           notification = most_of(view->now, "notification_lag_seconds");
    fail(value, "digests %.0f s, notifications %.0f s behind", digest, notification);
    return digest < DIGEST_MOST_S && notification < NOTIFICATION_MOST_S;
}

const struct item items[ITEMS] = {
    {"readyz", "GET /readyz of every API answers 200", judge_readyz},
    {"worker_healthz", "GET /healthz of every worker answers 200", judge_worker},
    {"errors_5xx", "at most 0.1 % of the requests are answered with 5xx", judge_errors},
    {"latency", "p95 below 750 ms on routes without a model, and below 8 s on those with one", judge_latency},
    {"queue", "the queue isn't growing, and no job is due for longer than 60 s", judge_queue},
    {"retries", "at most 1.5 % of the jobs' attempts, or a handful, are to be made again", judge_retries},
    {"freshness", "digests are less than 10 min behind, notifications less than 60 s", judge_freshness},
    {"rate_limits", "rate limits refuse at most one request a second", judge_rate_limits},
};
