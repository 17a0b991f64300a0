/* Connects to one of a URL's servers while the caller waits, for sys/db/session.c: each server by
 * itself, as sys/db/dial.h does it on a loop, and with a bound for its name, too. */
#ifndef PW_SYS_DB_CONNECT_H
#define PW_SYS_DB_CONNECT_H

#include <libpq-fe.h>

#include "base/base.h"

enum { CONNECT_STATE_SIZE = 6, NO_STOP_FD = -1 };

struct connect_ask {
    const char *url; /* that database_url_problem finds good */
    uint64_t timeout_ms;
    int stop_fd; /* once it is readable, the waiting is over; NO_STOP_FD: none */
};

/* NULL: `err` says what the first server that refused us said, with its SQLSTATE, or why none
 * answered; the SQLSTATE is "" then. The connection is non-blocking. */
PGconn *connect_and_wait(const struct connect_ask *, struct err *err,
                         char sqlstate[static CONNECT_STATE_SIZE]) MUST_CHECK;

/* Waits until the descriptor is ready for `events` of poll(2); false past the deadline (clock_ns),
 * and where a stop came. */
bool connect_poll(int fd, short events, int stop_fd, uint64_t deadline);

/* Fails with the first line of a libpq message, without what libpq adds around it. */
bool connect_fail(struct err *err, const char *message, char sqlstate[static CONNECT_STATE_SIZE]);

#endif
