/* Rates over a longer time than a sample: from a Prometheus that scrapes the services. */
#ifndef PW_OPS_TRIAGE_PROMETHEUS_H
#define PW_OPS_TRIAGE_PROMETHEUS_H

#include "ops/shared/exposition.h"

struct prometheus_ask {
    const char *url;
    int64_t seconds; /* until now */
    uint64_t timeout_ms;
};

/* Adds up in `gained` what triage's counters gained in that time. NULL, or why it can't be said. */
const char *prometheus_gained(struct arena *, const struct prometheus_ask *, struct page *gained);

#endif
