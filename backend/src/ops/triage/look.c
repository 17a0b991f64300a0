#include "ops/triage/look.h"

#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "ops/shared/progress.h"
#include "ops/triage/database.h"
#include "ops/triage/prometheus.h"

enum { ANSWER_MS = 2000, PAGES = 3 };

static void add_services(struct look *look, enum service_kind kind, const struct addresses *addresses)
{
    for (int i = 0; i < addresses->count; i++)
        look->services[look->service_count++] = (struct service){.kind = kind, .url = addresses->urls[i], .reason = ""};
}

/* The reason in {"ok":false,"error":"…"}. */
static const char *unready_reason(struct arena *arena, const struct scrape *ready)
{
    json_t *body = json_loads(ready->body, 0, NULL);
    const char *error = json_string_value(json_object_get(body, "error"));
    const char *reason = arena_strdup(arena, ready->error ? ready->error : error ? error : "");
    json_decref(body);
    return reason;
}

static void look_take_first(struct look *look, struct service *service, const struct scrape *answers)
{
    service->health = answers[0], service->ready = answers[1], service->metrics = answers[2];
    service->is_live = service->health.status == 200;
    service->is_ready = service->ready.status == 200;
    service->reason = service->is_ready ? "" : unready_reason(look->arena, &service->ready);
    service->has_metrics = service->metrics.status == 200;
    service->now = page_read(look->arena, service->has_metrics ? service->metrics.body : "");
}

static void look_first(struct look *look)
{
    static const char *const paths[PAGES] = {"/healthz", "/readyz", "/metrics"};
    int count = look->service_count * PAGES;
    struct scrape *scrapes = arena_alloc(look->arena, (size_t)(count + 1) * sizeof *scrapes);
    for (int i = 0; i < count; i++)
        scrapes[i] =
            (struct scrape){.url = arena_printf(look->arena, "%s%s", look->services[i / PAGES].url, paths[i % PAGES]),
                            .token = look->options->metrics_token};
    scrape_all(look->arena, scrapes, count, ANSWER_MS);
    for (int i = 0; i < look->service_count; i++)
        look_take_first(look, &look->services[i], &scrapes[i * PAGES]);
}

/* Metrics again, of those who gave some before. */
static void look_again(struct look *look)
{
    struct scrape scrapes[2 * ADDRESSES_MAX];
    struct service *asked[2 * ADDRESSES_MAX];
    int count = 0;
    for (int i = 0; i < look->service_count; i++)
        if (look->services[i].has_metrics) {
            scrapes[count] =
                (struct scrape){.url = look->services[i].metrics.url, .token = look->options->metrics_token};
            asked[count++] = &look->services[i];
        }
    scrape_all(look->arena, scrapes, count, ANSWER_MS);
    for (int i = 0; i < count; i++) {
        asked[i]->has_sample = scrapes[i].status == 200;
        if (!asked[i]->has_sample)
            continue;
        struct page later = page_read(look->arena, scrapes[i].body);
        asked[i]->sample = page_increase(look->arena, &asked[i]->now, &later);
        asked[i]->now = later;
    }
}

/* Every service has the same depths, so one that is behind must not count. */
static double depth_of(const struct look *look)
{
    double depth = 0;
    for (int i = 0; i < look->service_count; i++)
        depth = fmax(depth, page_sum(&look->services[i].now, "queue_depth", NULL));
    return depth;
}

static bool any_metrics(const struct look *look)
{
    for (int i = 0; i < look->service_count; i++)
        if (look->services[i].has_metrics)
            return true;
    return false;
}

static void look_wait_until(uint64_t then)
{
    for (uint64_t now; (now = clock_ns()) < then;)
        poll(NULL, 0, (int)((then - now + NS_PER_MS - 1) / NS_PER_MS));
}

static void add_up(struct look *look)
{
    struct page now[2 * ADDRESSES_MAX] = {0}, sample[2 * ADDRESSES_MAX] = {0};
    int with_metrics = 0, with_sample = 0;
    for (int i = 0; i < look->service_count; i++) {
        if (look->services[i].has_metrics)
            now[with_metrics++] = look->services[i].now;
        if (look->services[i].has_sample)
            sample[with_sample++] = look->services[i].sample;
    }
    look->now = page_total(look->arena, now, with_metrics);
    look->sample = page_total(look->arena, sample, with_sample);
    if (!with_sample)
        look->sample_s = 0;
    look->gained = look->sample;
    look->gained_s = look->sample_s;
}

/* What happened within --since, where the Prometheus can say it; else the sample stays. */
static void ask_prometheus(struct look *look)
{
    struct page gained = {0};
    const struct prometheus_ask ask = {look->options->prometheus, look->options->since_ms / 1000, ANSWER_MS};
    look->prometheus_error = prometheus_gained(look->arena, &ask, &gained);
    if (look->prometheus_error)
        return;
    look->gained = gained;
    look->gained_s = (double)ask.seconds;
}

struct look *look_around(struct arena *arena, const struct triage_options *options)
{
    struct look *look = arena_alloc(arena, sizeof *look);
    *look = (struct look){.arena = arena, .options = options};
    look->services = arena_alloc(arena, 2 * ADDRESSES_MAX * sizeof *look->services);
    add_services(look, SERVICE_API, &options->apis);
    add_services(look, SERVICE_WORKER, &options->workers);
    progress_show_step("asking the services ...");
    look_first(look);
    uint64_t first = clock_ns();
    progress_show_step("asking the database, and waiting for the second sample ...");
    look_at_database(&look->database, look->arena, options->since_ms);
    for (int i = 0; i < look->service_count; i++)
        look->in_flight_before += page_sum(&look->services[i].now, "llm_in_flight", NULL);
    look->depth_before = depth_of(look);
    if (any_metrics(look)) {
        look_wait_until(first + (uint64_t)options->sample_ms * NS_PER_MS);
        look->sample_s = (double)(clock_ns() - first) / (double)NS_PER_S;
        look_again(look);
    }
    look->depth = depth_of(look);
    add_up(look);
    if (options->prometheus)
        ask_prometheus(look);
    progress_show_step("");
    return look;
}

const char *look_cell(const struct look *look, enum question question, int row, int column)
{
    return row < look_rows(look, question) ? table_cell(&look->database.asks[question].table, row, column) : NULL;
}

int look_rows(const struct look *look, enum question question)
{
    const struct session_ask *asked = &look->database.asks[question];
    return asked->ok ? asked->table.rows : 0;
}

double look_number(const struct look *look, enum question question, int row, int column)
{
    const char *text = look_cell(look, question, row, column);
    return text ? strtod(text, NULL) : 0;
}
