#include "service/queue_gauges.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/job_types.h"
#include "sys/metrics.h"

enum {
    EVERY_MS = 2000,
    /* Readings take at most 1/SHARE of the time. A long transaction keeps dead rows, and a
     * reading beside them may take seconds. */
    SHARE = 20,
    LATEST_MS = 20000, /* the longest pause between readings, however long one took */
};

enum { KINDS = 2 };
/* in the order of queue/freshness' columns */
static const char *const digest_kinds[KINDS] = {"persona", "weekly"};

static struct metric *depths[JOB_TYPES], *ages[JOB_TYPES], *digest_ages[KINDS];

struct queue_gauges {
    struct loop *loop;
    struct db *db;
    uint64_t began_at;
    struct timer *timer;
    struct db_call *call;
};

void queue_gauges_metrics(void)
{
    char labels[256];
    struct family *depth =
        metric_family(METRIC_GAUGE, "queue_depth", "Jobs that are due, running or waiting for a retry.", NULL);
    struct family *age =
        metric_family(METRIC_GAUGE, "queue_oldest_age_seconds", "Age of the oldest unfinished job.", NULL);
    struct family *digest_age =
        metric_family(METRIC_GAUGE, "digest_age_seconds", "Age of the oldest activity not yet digested.", NULL);
    for (int i = 0; i < JOB_TYPES; i++) {
        depths[i] = metric_series(depth, metric_labels(labels, 1, "type", job_types[i].name));
        ages[i] = metric_series(age, labels);
    }
    for (int i = 0; i < KINDS; i++)
        digest_ages[i] = metric_series(digest_age, metric_labels(labels, 1, "kind", digest_kinds[i]));
    /* 0 for good: a follow, a remix and a template's use are committed together with their
     * notification, or not at all. */
    metric_series(metric_family(METRIC_GAUGE, "notification_lag_seconds",
                                "Age of the oldest act whose notification isn't written yet.", NULL),
                  "");
}

static int row_of_type(const struct db_rows *rows, const char *type)
{
    for (int row = 0; row < db_count(rows); row++)
        if (strcmp(db_text(rows, row, 0), type) == 0)
            return row;
    return -1;
}

static void plan_next(struct queue_gauges *gauges)
{
    uint64_t took_ms = (loop_now(gauges->loop) - gauges->began_at) / NS_PER_MS;
    timer_set(gauges->timer, MAX((uint64_t)EVERY_MS, MIN(took_ms * SHARE, (uint64_t)LATEST_MS)));
}

static void on_freshness(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue_gauges *gauges = ctx;
    gauges->call = NULL;
    plan_next(gauges);
    for (int i = 0; i < KINDS && outcome == DB_OK; i++)
        metric_set(digest_ages[i], strtod(db_text(rows, 0, i), NULL));
}

static void on_depths(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue_gauges *gauges = ctx;
    gauges->call = db_query(gauges->db, SQL_QUEUE_FRESHNESS, NULL, on_freshness, gauges);
    if (outcome != DB_OK)
        return; /* the last known values stay; the outage has metrics of its own */
    for (int i = 0; i < JOB_TYPES; i++) {
        int row = row_of_type(rows, job_types[i].name);
        metric_set(depths[i], row < 0 ? 0 : (double)db_number(rows, row, 1));
        metric_set(ages[i], row < 0 ? 0 : strtod(db_text(rows, row, 2), NULL));
    }
}

static void read_depths(void *ctx)
{
    struct queue_gauges *gauges = ctx;
    gauges->began_at = loop_now(gauges->loop);
    gauges->call = db_query(gauges->db, SQL_QUEUE_DEPTH, NULL, on_depths, gauges);
}

struct queue_gauges *queue_gauges_start(struct loop *loop, struct db *db)
{
    enum { FIRST_MS = 200 };
    struct queue_gauges *gauges = must_calloc(1, sizeof *gauges);
    gauges->loop = loop;
    gauges->db = db;
    gauges->timer = timer_new(loop, read_depths, gauges);
    timer_set(gauges->timer, FIRST_MS);
    return gauges;
}

void queue_gauges_stop(struct queue_gauges *gauges)
{
    if (gauges->call)
        db_drop(gauges->call);
    timer_free(gauges->timer);
    free(gauges);
}
