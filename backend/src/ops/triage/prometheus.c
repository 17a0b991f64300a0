#include "ops/triage/prometheus.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ops/shared/scrape.h"

/* The counters and histograms that triage reads. increase() drops a series' name, so each is
 * asked for by itself. */
static const char *const families[] = {
    "http_requests_total",
    "http_request_duration_seconds_bucket",
    "db_errors_total",
    "db_query_duration_seconds_bucket",
    "llm_requests_total",
    "llm_troubles_total",
    "llm_request_duration_seconds_bucket",
    "jobs_processed_total",
    "job_retries_total",
    "job_duration_seconds_bucket",
    "rate_limit_events_total",
};

static void drop_json(void *json)
{
    json_decref(json);
}

static struct sample sample_of(struct arena *arena, const char *family, const json_t *row)
{
    json_t *metric = json_object_get(row, "metric");
    const char *value = json_string_value(json_array_get(json_object_get(row, "value"), 1)), *name;
    struct label *labels = arena_alloc(arena, (json_object_size(metric) + 1) * sizeof *labels);
    int count = 0;
    json_t *text;
    json_object_foreach (metric, name, text)
        labels[count++] = (struct label){name, json_string_value(text) ? json_string_value(text) : ""};
    return (struct sample){
        .name = family, .labels = labels, .label_count = count, .value = value ? strtod(value, NULL) : 0};
}

/* One answer's samples, added to `page`. NULL, or why it isn't one. */
static const char *prometheus_take(struct arena *arena, const char *family, const struct scrape *answer,
                                   struct page *page)
{
    json_t *body = json_loads(answer->body, 0, NULL);
    arena_defer(arena, drop_json, body); /* the samples' texts are its */
    json_t *rows = json_object_get(json_object_get(body, "data"), "result");
    const char *said = json_string_value(json_object_get(body, "error"));
    if (!json_is_array(rows))
        return answer->error ? answer->error : said ? said : arena_printf(arena, "it answered %d", answer->status);
    size_t count = json_array_size(rows);
    struct sample *samples = arena_alloc(arena, (count + 1) * sizeof *samples);
    for (size_t i = 0; i < count; i++)
        samples[i] = sample_of(arena, family, json_array_get(rows, i));
    struct page both[] = {*page, page_of(arena, samples, (int)count)};
    *page = page_total(arena, both, 2);
    return NULL;
}

const char *prometheus_gained(struct arena *arena, const struct prometheus_ask *ask, struct page *gained)
{
    struct scrape scrapes[COUNT(families)] = {0};
    const char *error = NULL;
    for (size_t i = 0; i < COUNT(families); i++)
        scrapes[i].url = arena_printf(arena, "%s/api/v1/query?query=increase(%s%%5B%llds%%5D)", ask->url, families[i],
                                      (long long)ask->seconds);
    scrape_all(arena, scrapes, COUNT(families), ask->timeout_ms);
    for (size_t i = 0; i < COUNT(families) && !error; i++)
        error = prometheus_take(arena, families[i], &scrapes[i], gained);
    return error;
}
