/* Counters, gauges and histograms in the Prometheus text format 0.0.4.
 *
 * Families and series are made at the start, before other threads run, so that each series
 * exists from the first scrape on; they live as long as the process. Adding and observing is
 * lock-free and allowed from any thread. Units are seconds and bytes.
 */
#ifndef PW_SYS_METRICS_H
#define PW_SYS_METRICS_H

#include "base/buf.h"

struct family;
struct metric;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* Names and help are kept by pointer. `edges` (ascending, seconds, ends with 0) for histograms
 * only. */
struct family *metric_family(enum metric_kind, const char *name, const char *help, const double *edges);

/* A series. `labels` as they stand between the braces, or "": metric_labels makes them. Copied. */
struct metric *metric_series(struct family *, const char *labels);
/* n pairs of name and value; values are escaped */
const char *metric_labels(char out[static 256], int n, ...);

void metric_add(struct metric *, uint64_t n);   /* counter */
void metric_set(struct metric *, double value); /* gauge */
/* gauge that counts something, like requests in flight */
void metric_shift(struct metric *, int64_t by);
void metric_observe(struct metric *, uint64_t ns); /* histogram of durations */
uint64_t metric_count(const struct metric *);      /* a counter's value; for tests */

/* A gauge or counter that is read when it is asked for: calls value(ctx) at each scrape, on the
 * scraping thread. */
void metric_read(struct family *, const char *labels, double (*value)(void *ctx), void *ctx);

/* The whole page. Also has `process_*` and `build_info`. */
void metrics_write(struct buf *page);
void metrics_standard(void); /* makes process_* and build_info; call once */

/* Bucket edges for requests, queries and calls: 0.5 ms to 30 s. */
extern const double duration_edges[];

#endif
