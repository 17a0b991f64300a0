/* How many connections each client has, over all loops of the process. IPv4 clients are addresses,
 * IPv6 ones networks of 64 bits, which is what a single customer gets. For any thread; for
 * sys/http/room.c alone. */
#ifndef PW_SYS_HTTP_CROWD_H
#define PW_SYS_HTTP_CROWD_H

#include <sys/socket.h>

#include "base/base.h"

/* Counts one more. False: the client has `most`, and nothing was counted. */
bool crowd_enter(const struct sockaddr *, int most) MUST_CHECK;
bool crowd_has_room(const struct sockaddr *, int most);
void crowd_leave(const struct sockaddr *);

#endif
