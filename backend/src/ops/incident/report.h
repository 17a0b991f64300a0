/* The parts of `personaworlds incident`: what its command line asks for, and the report. */
#ifndef PW_OPS_INCIDENT_REPORT_H
#define PW_OPS_INCIDENT_REPORT_H

#include "ops/shared/database.h"

struct incident_request {
    const char *text;       /* a title, or a note */
    const char *entry;      /* what is written once, also where its answer was lost and it is kept */
    const char *number;     /* of the incident to report; NULL: none is named */
    int64_t since_ms;       /* 0: not given */
    const char *prometheus; /* NULL: none */
    struct database database;
};

/* A line of a timeline. */
struct happening {
    int64_t us;     /* since 1970 */
    int64_t late_s; /* it was written so much later */
    int place;      /* of equal times the first one read comes first */
    const char *who, *kind, *what;
};

enum { HAPPENINGS_MAX = 5000 };

struct timeline {
    int64_t from_us, until_us;
    struct happening *list; /* room for HAPPENINGS_MAX */
    int count;
    bool is_cut; /* there is more than that */
};

database_work incident_report; /* prints it, as Markdown */

/* alerts.c: adds when alerts began and ceased to fire. NULL, or why that can't be said. */
const char *add_alerts(struct arena *, const char *prometheus, struct timeline *);

#endif
