/* How the process's file descriptors are shared between its clients and itself. */
#ifndef PW_API_HTTP_DESCRIPTORS_H
#define PW_API_HTTP_DESCRIPTORS_H

#include "config/config.h"

enum { OPERATORS_MAX = 64 /* connections to OBSERVABILITY_LISTEN */ };

struct descriptor_shares {
    int connection_limit; /* of each place of a thread */
    int connections_per_address;
};

/* Clients share what the process doesn't need: however many they are, a call to the model or a new
 * connection to Postgres gets its descriptor. `places` is how many each thread listens on. False:
 * there are too few for both. */
bool descriptors_share(const struct config *, int places, struct descriptor_shares *, struct err *err) MUST_CHECK;

#endif
