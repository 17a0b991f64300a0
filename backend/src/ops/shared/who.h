/* Who does what a command does. */
#ifndef PW_OPS_SHARED_WHO_H
#define PW_OPS_SHARED_WHO_H

#include "base/arena.h"

/* The operating system's user and the host, "root@host", in the arena. */
const char *who_acts(struct arena *);

#endif
