#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/url.h"
#include "ops/incident/report.h"
#include "ops/shared/scrape.h"

enum { STEP_S = 15, STEPS_MAX = 10000, TIMEOUT_MS = 5000 };
#define SECOND_US INT64_C(1000000)

static void add_happening(struct timeline *timeline, int64_t second, const char *what)
{
    if (timeline->count == HAPPENINGS_MAX) {
        timeline->is_cut = true;
        return;
    }
    timeline->list[timeline->count++] =
        (struct happening){.us = second * SECOND_US, .who = "prometheus", .kind = "alert", .what = what};
}

static int64_t second_of(const json_t *values, size_t i)
{
    return (int64_t)json_number_value(json_array_get(json_array_get(values, i), 0));
}

/* A series of ALERTS has a value while the alert fires. */
static void add_series(struct arena *arena, const json_t *series, int64_t step, struct timeline *timeline)
{
    const json_t *metric = json_object_get(series, "metric"), *values = json_object_get(series, "values");
    const char *name = json_string_value(json_object_get(metric, "alertname")),
               *severity = json_string_value(json_object_get(metric, "severity"));
    const char *alert = arena_printf(arena, "%s (%s)", name ? name : "?", severity ? severity : "?");
    for (size_t i = 0; i < json_array_size(values); i++) {
        int64_t at = second_of(values, i);
        bool begins = i == 0 || at - second_of(values, i - 1) > step;
        bool ends = i + 1 == json_array_size(values) || second_of(values, i + 1) - at > step;
        if (begins)
            add_happening(timeline, at, arena_printf(arena, "%s fires", alert));
        if (ends && (at + 2 * step) * SECOND_US < timeline->until_us)
            add_happening(timeline, at + step, arena_printf(arena, "%s fires no longer", alert));
    }
}

const char *add_alerts(struct arena *arena, const char *prometheus, struct timeline *timeline)
{
    int64_t from = timeline->from_us / SECOND_US, until = timeline->until_us / SECOND_US;
    int64_t step = MAX(STEP_S, (until - from) / STEPS_MAX + 1);
    struct buf url = buf_new(arena);
    buf_printf(&url, "%s/api/v1/query_range?start=%lld&end=%lld&step=%lld&query=", prometheus, (long long)from,
               (long long)until, (long long)step);
    url_encode(&url, "ALERTS{alertstate=\"firing\",severity!=\"watchdog\"}");
    struct scrape scrape = {.url = url.text};
    scrape_all(arena, &scrape, 1, TIMEOUT_MS);
    if (scrape.error)
        return scrape.error;
    json_t *body = json_loads(scrape.body, 0, NULL);
    const json_t *rows = json_object_get(json_object_get(body, "data"), "result");
    const char *why = json_is_array(rows) ? NULL : arena_printf(arena, "it answered %d", scrape.status);
    for (size_t i = 0; i < json_array_size(rows); i++)
        add_series(arena, json_array_get(rows, i), step, timeline);
    json_decref(body);
    return why;
}
