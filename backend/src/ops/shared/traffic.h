/* Requests by route and by class of routes (public, authenticated, model, auth, other), from a
 * page of what was gained. Pure. */
#ifndef PW_OPS_SHARED_TRAFFIC_H
#define PW_OPS_SHARED_TRAFFIC_H

#include "ops/shared/exposition.h"

enum route_class { CLASS_PUBLIC, CLASS_AUTHENTICATED, CLASS_MODEL, CLASS_AUTH, CLASS_OTHER, ROUTE_CLASSES };

extern const char *const route_class_names[ROUTE_CLASSES];

struct traffic_figures {
    double requests, errors; /* errors: 5xx */
    double overloads;        /* of those: 503 and 504 */
    double refused;          /* 4xx */
    double unknown;          /* of those: 401, nobody knows who asks */
    double p95;              /* seconds; NaN where nothing was observed */
};

struct route_traffic {
    const char *route, *method;
    enum route_class class;
    struct traffic_figures figures;
};

struct traffic {
    struct route_traffic *routes; /* those with requests, most errors first, then slowest first */
    int route_count;
    struct traffic_figures classes[ROUTE_CLASSES];
};

/* Classes are what `now` says in http_route_info; what it doesn't name, unmatched paths, is
 * CLASS_OTHER. Probes (/healthz, /readyz, /metrics) are left out: a probe that says no is an
 * answer. */
struct traffic traffic_of(struct arena *, const struct page *now, const struct page *gained);

/* The statuses of a page's 5xx with their routes, most first, probes left out: "500 GET /feed
 * 30, 503 POST /rooms/{id}/battles 2"; at most `most` of them. */
const char *traffic_errors(struct arena *, const struct page *now, const struct page *gained, int most);

#endif
