#include "sys/metrics.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

const double duration_edges[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                 0.75,   1,     1.2,    2.5,   5,    8,     10,   15,  30,   0};

enum { MAX_EDGES = 24 };

/* Allocated one by one, so most lie on cache lines of their own: threads rarely disturb each
 * other. */
struct metric {
    struct metric *next;
    struct family *family;
    char *labels;
    double (*read)(void *);
    void *read_ctx;
    /* counter: the count; histogram: the sum in ns; gauge: signed millionths */
    atomic_uint_fast64_t value;
    atomic_uint_fast64_t buckets[];
};

struct family {
    struct family *next;
    enum metric_kind kind;
    const char *name, *help;
    const double *edges;
    int edge_count;
    uint64_t edges_ns[MAX_EDGES];
    struct metric *first, **last;
};

static struct family *first_family, **last_family = &first_family;

struct family *metric_family(enum metric_kind kind, const char *name, const char *help, const double *edges)
{
    struct family *family = must_calloc(1, sizeof *family);
    *family = (struct family){.kind = kind, .name = name, .help = help, .edges = edges, .last = &family->first};
    while (edges && edges[family->edge_count] > 0) {
        family->edges_ns[family->edge_count] = (uint64_t)(edges[family->edge_count] * 1e9);
        family->edge_count++;
    }
    *last_family = family;
    last_family = &family->next;
    return family;
}

struct metric *metric_series(struct family *family, const char *labels)
{
    size_t buckets = family->kind == METRIC_HISTOGRAM ? (size_t)family->edge_count + 1 : 0;
    struct metric *metric = must_calloc(1, sizeof *metric + buckets * sizeof metric->buckets[0]);
    metric->family = family;
    metric->labels = must_strdup(labels);
    *family->last = metric;
    family->last = &metric->next;
    return metric;
}

void metric_read(struct family *family, const char *labels, double (*value)(void *ctx), void *ctx)
{
    struct metric *metric = metric_series(family, labels);
    metric->read = value;
    metric->read_ctx = ctx;
}

static size_t add_escaped(char *out, size_t size, const char *value)
{
    size_t len = 0;
    for (; *value && len + 2 < size; value++) {
        if (*value == '"' || *value == '\\' || *value == '\n')
            out[len++] = '\\';
        out[len++] = *value == '\n' ? 'n' : *value;
    }
    return len;
}

const char *metric_labels(char out[static 256], int n, ...)
{
    enum { SIZE = 256 };
    size_t len = 0;
    va_list args;
    va_start(args, n);
    for (int i = 0; i < n; i++) {
        const char *name = va_arg(args, const char *);
        const char *value = va_arg(args, const char *);
        len += (size_t)snprintf(out + len, SIZE - len, "%s%s=\"", i ? "," : "", name);
        if (len + 4 >= SIZE)
            abort(); /* labels come from our own tables */
        len += add_escaped(out + len, SIZE - len - 2, value);
        out[len++] = '"';
    }
    va_end(args);
    out[len] = '\0';
    return out;
}

void metric_add(struct metric *metric, uint64_t n)
{
    atomic_fetch_add_explicit(&metric->value, n, memory_order_relaxed);
}

void metric_set(struct metric *metric, double value)
{
    atomic_store_explicit(&metric->value, (uint64_t)(int64_t)(value * 1e6), memory_order_relaxed);
}

void metric_shift(struct metric *metric, int64_t by)
{
    atomic_fetch_add_explicit(&metric->value, (uint64_t)(by * 1000000), memory_order_relaxed);
}

void metric_observe(struct metric *metric, uint64_t ns)
{
    const struct family *family = metric->family;
    int bucket = 0;
    while (bucket < family->edge_count && ns > family->edges_ns[bucket])
        bucket++;
    atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->value, ns, memory_order_relaxed);
}

uint64_t metric_count(const struct metric *metric)
{
    return atomic_load_explicit(&metric->value, memory_order_relaxed);
}

static void write_sample(struct buf *page, const char *name, const char *labels, double value)
{
    if (*labels)
        buf_printf(page, "%s{%s} %.15g\n", name, labels, value);
    else
        buf_printf(page, "%s %.15g\n", name, value);
}

static void write_histogram(struct buf *page, const struct metric *metric)
{
    const struct family *family = metric->family;
    const char *comma = *metric->labels ? "," : "";
    uint64_t total = 0;
    for (int i = 0; i <= family->edge_count; i++) {
        total += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        if (i < family->edge_count)
            buf_printf(page, "%s_bucket{%s%sle=\"%g\"} %llu\n", family->name, metric->labels, comma, family->edges[i],
                       (unsigned long long)total);
    }
    buf_printf(page, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", family->name, metric->labels, comma,
               (unsigned long long)total);
    char name[128];
    snprintf(name, sizeof name, "%s_sum", family->name);
    write_sample(page, name, metric->labels, (double)metric_count(metric) / 1e9);
    snprintf(name, sizeof name, "%s_count", family->name);
    write_sample(page, name, metric->labels, (double)total);
}

static double metric_value(const struct metric *metric)
{
    if (metric->read)
        return metric->read(metric->read_ctx);
    uint64_t value = metric_count(metric);
    return metric->family->kind == METRIC_GAUGE ? (double)(int64_t)value / 1e6 : (double)value;
}

static void write_family(struct buf *page, const struct family *family)
{
    static const char *const kinds[] = {
        [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
    buf_printf(page, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name, kinds[family->kind]);
    for (const struct metric *metric = family->first; metric; metric = metric->next) {
        if (family->kind == METRIC_HISTOGRAM)
            write_histogram(page, metric);
        else
            write_sample(page, family->name, metric->labels, metric_value(metric));
    }
}

void metrics_write(struct buf *page)
{
    for (const struct family *family = first_family; family; family = family->next)
        write_family(page, family);
}
