/* What triage sees: the services' health, readiness and metrics, at two moments, and in between
 * the database. Only looks; ops/triage/checks.h judges. */
#ifndef PW_OPS_TRIAGE_LOOK_H
#define PW_OPS_TRIAGE_LOOK_H

#include "ops/shared/addresses.h"
#include "ops/shared/deployment.h"
#include "ops/shared/exposition.h"
#include "ops/shared/scrape.h"
#include "ops/triage/database.h"

struct triage_options {
    bool as_json;
    int64_t since_ms, sample_ms;
    struct addresses apis, workers;
    const struct config *config; /* what this shell knows */
    enum deployment deployment;
    const char *deployment_why; /* its commands are shown */
    const char *prometheus;     /* NULL: none */
    const char *metrics_token;  /* "": none */
};

enum service_kind { SERVICE_API, SERVICE_WORKER };

struct service {
    enum service_kind kind;
    const char *url;
    struct scrape health, ready, metrics; /* the first look's */
    bool is_live;                         /* /healthz answered 200 */
    bool is_ready;
    const char *reason; /* why it isn't ready; "" where it didn't say */
    /* `now` is there: from the last scrape that had an answer */
    bool has_metrics;
    struct page now;
    bool has_sample;    /* `sample` is there: both scrapes had an answer */
    struct page sample; /* what its counters gained between the two */
};

struct look {
    struct arena *arena;
    const struct triage_options *options;
    struct service *services;
    int service_count;
    /* all services' metrics, for gauges and for counters since the processes' start */
    struct page now;
    struct page sample; /* what their counters gained between the two scrapes, */
    double sample_s;    /* so many seconds apart; 0: there are no two */
    /* calls to the model, and unfinished jobs, at the first of them */
    double in_flight_before, depth_before;
    double depth; /* unfinished jobs at the last */
    /* the same for rates and latencies: the sample, or, with a Prometheus, what happened within
     * --since, */
    struct page gained;
    double gained_s; /* and over how long */
    /* why the Prometheus that was given isn't used; NULL: it is, or there is none */
    const char *prometheus_error;
    struct database_look database;
};

/* Takes at most ~4 s beside the sample, whatever hangs. */
struct look *look_around(struct arena *, const struct triage_options *);

/* A cell of a database table, or NULL where the statement failed or there is no such row. */
const char *look_cell(const struct look *, enum question, int row, int column);
int look_rows(const struct look *, enum question); /* 0 where it failed */
double look_number(const struct look *, enum question, int row, int column);

#endif
