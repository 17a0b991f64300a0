/* The services that a command is told to look at: http://host:port, as often as there are any. */
#ifndef PW_OPS_SHARED_ADDRESSES_H
#define PW_OPS_SHARED_ADDRESSES_H

#include "sys/http/places.h"

enum { ADDRESSES_MAX = 16 };

struct addresses {
    const char *urls[ADDRESSES_MAX];
    int count;
};

/* Reads the address of a service: the text without slashes at its end, in the arena. NULL: it is no
 * address. One with a user or a password is none, as addresses are printed. */
const char *service_url_read(struct arena *, const char *text);

/* False: it is none, or there are enough already. */
bool addresses_add(struct arena *, struct addresses *, const char *text) MUST_CHECK;

/* Where none was added: what listens there on this machine. */
void addresses_default(struct arena *, struct addresses *, struct http_places places);

#endif
