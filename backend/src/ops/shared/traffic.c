#include "ops/shared/traffic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

const char *const route_class_names[ROUTE_CLASSES] = {[CLASS_PUBLIC] = "public",
                                                      [CLASS_AUTHENTICATED] = "authenticated",
                                                      [CLASS_MODEL] = "model",
                                                      [CLASS_AUTH] = "auth",
                                                      [CLASS_OTHER] = "other"};

#define REQUESTS "http_requests_total"
#define DURATIONS "http_request_duration_seconds"

/* False: a probe. */
static bool find_class(const struct page *now, const char *route, const char *method, enum route_class *class)
{
    *class = CLASS_OTHER;
    for (int i = 0; i < now->count; i++) {
        const struct sample *info = &now->samples[i];
        if (!sample_matches(info, "http_route_info", WHERE(IS("route", route), IS("method", method))))
            continue;
        const char *name = sample_label(info, "class");
        for (enum route_class c = 0; c < ROUTE_CLASSES; c++)
            if (strcmp(name, route_class_names[c]) == 0)
                *class = c;
        return strcmp(name, "probe") != 0;
    }
    return true;
}

static struct traffic_figures figures(const struct page *page)
{
    return (struct traffic_figures){
        .requests = page_sum(page, REQUESTS, NULL),
        .errors = page_sum(page, REQUESTS, WHERE(BEGINS("status", "5"))),
        .refused = page_sum(page, REQUESTS, WHERE(BEGINS("status", "4"))),
        .unknown = page_sum(page, REQUESTS, WHERE(IS("status", "401"))),
        .overloads =
            page_sum(page, REQUESTS, WHERE(IS("status", "503"))) + page_sum(page, REQUESTS, WHERE(IS("status", "504"))),
        .p95 = page_quantile(page, 0.95, DURATIONS, NULL),
    };
}

/* The samples of one route, kept by pointer. */
static struct page route_page(struct arena *arena, const struct page *gained, const char *route, const char *method)
{
    struct sample *samples = arena_alloc(arena, ((size_t)gained->count + 1) * sizeof *samples);
    int count = 0;
    for (int i = 0; i < gained->count; i++) {
        const struct sample *sample = &gained->samples[i];
        if (strncmp(sample->name, "http_request", strlen("http_request")) == 0 &&
            strcmp(sample_label(sample, "route"), route) == 0 && strcmp(sample_label(sample, "method"), method) == 0)
            samples[count++] = *sample;
    }
    return (struct page){samples, count};
}

static int worst_first(const void *a, const void *b)
{
    const struct traffic_figures *x = &((const struct route_traffic *)a)->figures,
                                 *y = &((const struct route_traffic *)b)->figures;
    if (x->errors != y->errors)
        return x->errors < y->errors ? 1 : -1;
    double p = isnan(x->p95) ? 0 : x->p95, q = isnan(y->p95) ? 0 : y->p95;
    return (p < q) - (p > q);
}

static void add_route(struct arena *arena, struct traffic *traffic, struct page *class_pages, const struct page *gained,
                      struct route_traffic route)
{
    struct page page = route_page(arena, gained, route.route, route.method);
    route.figures = figures(&page);
    if (!(route.figures.requests > 0))
        return;
    traffic->routes[traffic->route_count++] = route;
    struct page both[] = {class_pages[route.class], page};
    class_pages[route.class] = page_total(arena, both, 2);
}

struct traffic traffic_of(struct arena *arena, const struct page *now, const struct page *gained)
{
    struct traffic traffic = {.routes = arena_alloc(arena, ((size_t)gained->count + 1) * sizeof *traffic.routes)};
    struct page class_pages[ROUTE_CLASSES] = {0};
    const struct label_values routes = page_label_values(arena, gained, REQUESTS, "route", NULL);
    for (int r = 0; r < routes.count; r++) {
        const char *route = routes.texts[r];
        const struct label_values methods =
            page_label_values(arena, gained, REQUESTS, "method", WHERE(IS("route", route)));
        for (int m = 0; m < methods.count; m++) {
            struct route_traffic row = {.route = route, .method = methods.texts[m]};
            if (find_class(now, row.route, row.method, &row.class))
                add_route(arena, &traffic, class_pages, gained, row);
        }
    }
    for (enum route_class c = 0; c < ROUTE_CLASSES; c++)
        traffic.classes[c] = figures(&class_pages[c]);
    qsort(traffic.routes, (size_t)traffic.route_count, sizeof *traffic.routes, worst_first);
    return traffic;
}

static int most_first(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->value, y = ((const struct sample *)b)->value;
    return (x < y) - (x > y);
}

const char *traffic_errors(struct arena *arena, const struct page *now, const struct page *gained, int most)
{
    struct sample *errors = arena_alloc(arena, ((size_t)gained->count + 1) * sizeof *errors);
    struct buf out = buf_new(arena);
    enum route_class ignored;
    int count = 0;
    for (int i = 0; i < gained->count; i++) {
        const struct sample *s = &gained->samples[i];
        if (s->value > 0 && sample_matches(s, REQUESTS, WHERE(BEGINS("status", "5"))) &&
            find_class(now, sample_label(s, "route"), sample_label(s, "method"), &ignored))
            errors[count++] = *s;
    }
    qsort(errors, (size_t)count, sizeof *errors, most_first);
    for (int i = 0; i < MIN(count, most); i++)
        buf_printf(&out, "%s%s %s %s %.0f", i ? ", " : "", sample_label(&errors[i], "status"),
                   sample_label(&errors[i], "method"), sample_label(&errors[i], "route"), errors[i].value);
    buf_str(&out, count > most ? ", ..." : "");
    return out.text;
}
