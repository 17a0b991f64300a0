/* The header Accept: which type of content a client would rather have (RFC 9110, section 12.5.1).
 * Pure. */
#ifndef PW_SYS_HTTP_ACCEPT_H
#define PW_SYS_HTTP_ACCEPT_H

#include "base/base.h"

/* The range that a type is in: the closest one gives its weight. */
enum accept_range {
    ACCEPT_NOT,   /* in none */
    ACCEPT_ANY,   /* everything */
    ACCEPT_GROUP, /* everything of its kind, like all text */
    ACCEPT_NAMED, /* its own */
};

struct accepted {
    enum accept_range range;
    int weight; /* thousandths; 0: not wanted */
};

/* `accept` is the header's whole value; NULL: none was sent, which takes everything. Members that
 * can't be read count as not there. Parameters of a range but its weight are ignored. */
struct accepted accept_of(const char *accept, const char *type);

#endif
