/* What `up` asks of the ports of this machine. Blocking. */
#ifndef PW_OPS_SHARED_PORTS_H
#define PW_OPS_SHARED_PORTS_H

#include "sys/http/places.h"

/* Whether GET /readyz there answers 200; false after 2 s without an answer. */
bool port_is_ready(const struct http_place *);

#endif
