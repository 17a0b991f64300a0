/* Finds a request's row in the route table. */
#ifndef PW_ROUTER_H
#define PW_ROUTER_H

#include "api/routes.h"

struct match {
    const struct route *route; /* NULL: no route has this path and method */
    bool path_known;           /* some route has the path, with another method */
    const char *ids[2];        /* the path's variable segments, percent-decoded, in the arena */
};

struct match router_find(struct arena *, enum method, const char *path);

/* The methods of all routes with this path, for `Allow`: "GET, HEAD, PUT". */
const char *router_allow(struct arena *, const char *path);

/* NULL, or the sentence for the first of the ids that is no UUID: "room id is invalid", "room id is required". */
const char *router_check_ids(struct arena *, const struct match *);

/* The pattern as metrics and logs name it: "/rooms/{id}/posts". Cut into `out`. */
void router_label(char *out, size_t size, const struct route *);

/* Percent-decoding (RFC 3986, 2.1); NULL where it is malformed, or no UTF-8, or has a NUL. With `plus`, '+' is a blank, as in queries. */
char *percent_decode(struct arena *, const char *text, size_t len, bool plus);

#endif
