/* The recovery checklist's items: what each asks for, and whether it is so. Pure. */
#ifndef PW_OPS_VERIFY_ITEMS_H
#define PW_OPS_VERIFY_ITEMS_H

#include "ops/verify/watch.h"

struct depth {
    uint64_t at_ns;
    double jobs;
};

/* What an item is judged by: what was seen now, and since its clock began. */
struct view {
    struct arena *arena; /* for the judgement alone */
    const struct moment *from, *now;
    /* by all services' counters from `from` to `now`; what wasn't there at `from` is all new */
    struct page gained;
    struct page total;          /* now */
    const struct depth *depths; /* of the queue from `from` to `now`, in order */
    int depth_count;
};

/* Whether the item holds; `value` is what it goes by, in a few words. */
typedef bool judge_fn(const struct view *, struct err *value);

struct item {
    const char *id; /* as in deploy/runbook.toml, verified_by */
    const char *asks;
    judge_fn *judge;
};

enum { ITEMS = 8 };
extern const struct item items[ITEMS];

/* Unfinished jobs: every service says the same of the one queue, so the most that any of them
 * says. */
double queue_depth(const struct moment *);

#endif
