/* Rates over a longer time than a sample: from a Prometheus that scrapes the services. */
#ifndef PW_OPS_TRIAGE_PROMETHEUS_H
#define PW_OPS_TRIAGE_PROMETHEUS_H

#include "ops/triage/look.h"

/* Replaces `look->gained` by what happened within --since; where the Prometheus can't say, the
 * sample stays and `prometheus_error` says why. */
void ask_prometheus(struct look *, uint64_t timeout_ms);

#endif
