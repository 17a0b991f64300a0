/* What `up` asks of the ports of this machine. Blocking. */
#ifndef PW_OPS_SHARED_PORTS_H
#define PW_OPS_SHARED_PORTS_H

#include "base/base.h"

/* Whether GET /readyz on the loopback address answers 200; false after 2 s without an answer. */
bool port_is_ready(int64_t port);

#endif
