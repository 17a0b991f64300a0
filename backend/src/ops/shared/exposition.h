/* Reading Prometheus' text format 0.0.4: what a service says of itself at one moment, and what
 * happened between two. Pure.
 *
 * A page is its samples; HELP, TYPE and time stamps are left out. Lines out of form are skipped,
 * and a last line without its end, too: it may be cut in the middle of a number. Everything
 * lives in the arena.
 */
#ifndef PW_OPS_SHARED_EXPOSITION_H
#define PW_OPS_SHARED_EXPOSITION_H

#include "base/arena.h"

struct label {
    const char *name, *value; /* the value without escapes */
};

struct sample {
    const char *series; /* as it stood in the text, `name{a="b"}` */
    const char *name;
    const struct label *labels;
    int label_count;
    double value;
};

struct page {
    const struct sample *samples; /* in the order of `series`, each once */
    int count;
};

/* a whole page of metrics; what can't be read is left out */
struct page page_read(struct arena *, const char *text);

/* A page of one family's samples from elsewhere (a Prometheus' answer): `samples` in any order,
 * `series` not needed. */
struct page page_of(struct arena *, const struct sample *samples, int count);

/* What each series of `later` gained since `earlier`. A counter that is lower than before was
 * reset by a restart, so all of it is new; so is one that wasn't there. For counters and
 * histograms; of a gauge it says nothing. */
struct page page_increase(struct arena *, const struct page *earlier, const struct page *later);

/* The pages of several processes as one: values of the same series added up. */
struct page page_total(struct arena *, const struct page *pages, int count);

/* ---- questions: all matchers must hold; their list ends with {0}, NULL is none. A label that
 * isn't there is "". ---- */

enum match { MATCH_EQUAL, MATCH_NOT_EQUAL, MATCH_PREFIX };

struct matcher {
    const char *label;
    enum match how;
    const char *value;
};

#define WHERE(...) ((const struct matcher[]){__VA_ARGS__, {0}})
#define IS(label, value) {label, MATCH_EQUAL, value}
#define IS_NOT(label, value) {label, MATCH_NOT_EQUAL, value}
#define BEGINS(label, value) {label, MATCH_PREFIX, value}

const char *sample_label(const struct sample *, const char *name); /* "" where it has none */
/* whether the sample has the name and all labels of the matcher */
bool sample_matches(const struct sample *, const char *name, const struct matcher *);

/* 0 where there is no such series */
double page_sum(const struct page *, const char *name, const struct matcher *);
double page_max(const struct page *, const char *name, const struct matcher *); /* likewise */
bool page_has(const struct page *, const char *name, const struct matcher *);

/* The q-quantile (0 to 1) of a histogram's observations, given `name` without `_bucket`, as
 * Prometheus' histogram_quantile has it: linear within a bucket, the highest finite edge for
 * what lies above. Series that match are added up first. NaN where nothing was observed. */
double page_quantile(const struct page *, double q, const char *name, const struct matcher *);

/* The different values of a label, sorted. */
struct label_values {
    const char *const *texts;
    int count;
};

/* Those of the series that match. */
struct label_values page_label_values(struct arena *, const struct page *, const char *name, const char *label,
                                      const struct matcher *);

#endif
