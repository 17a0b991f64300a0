/* Finds a request's row in the route table. Where several patterns match a path, one with a
 * static segment goes before one with a variable there. A variable's name in the pattern decides
 * what it may be (`{id:room id}`: a UUID, as most are): router.c has the table. Paths come
 * percent-encoded; a letter of a static segment may be, too, but an encoded '/' separates
 * nothing. */
#ifndef PW_API_HTTP_ROUTER_H
#define PW_API_HTTP_ROUTER_H

#include "api/http/route.h"

struct match {
    const struct route *route; /* NULL: no route has this path and method */
    const struct route *page;  /* the path's page, for who would rather have HTML; NULL: none */
    bool path_known;           /* some route has the path, with another method */
    /* the path's variable segments, percent-decoded, slugs normalised ("": nothing is left), in
     * the arena */
    const char *ids[2], *page_ids[2];
};

/* The route of a path and a method, and the page, of those that are served there; without a route
 * `path_known` tells a 405 from a 404. */
struct match router_find(struct arena *, enum served, enum method, const char *path);

/* The methods of all routes with this path that are served there, for `Allow`: "GET, HEAD, PUT". A
 * page alone allows nothing. */
const char *router_allow(struct arena *, enum served, const char *path);

/* NULL, or the sentence for the first of the ids that isn't what it should be: "room id is
 * invalid", "room id is required". Any slug will do: one that names nothing is the statement's
 * 404. */
const char *router_check_ids(struct arena *, const struct match *);

/* The pattern as metrics and logs name it: "/rooms/{id}/posts", a page's "page:/b/{id}". Cut into
 * `out`. */
void router_label(char *out, size_t size, const struct route *);

/* Percent-decoding (RFC 3986, 2.1); NULL where it is malformed, or no UTF-8, or has a NUL. With
 * `plus`, '+' is a blank, as in queries. */
char *percent_decode(struct arena *, const char *text, size_t len, bool plus);

#endif
