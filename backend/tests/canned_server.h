/* An HTTP server in a thread that answers as told: one step per request, then the last one
 * again. One connection at a time. */
#ifndef PW_CANNED_SERVER_H
#define PW_CANNED_SERVER_H

#include <stdatomic.h>

#include "base/base.h"

enum how { SEND, HANG, CLOSE, CUT };

struct step {
    enum how how;
    int status;
    const char *header; /* one line, or NULL */
    const char *body;   /* NULL: {} */
    size_t padding;     /* blanks after the body */
};

enum { MAX_STEPS = 5, REQUEST_SIZE = 64 * 1024 };

struct server {
    char url[64];
    atomic_int requests, connections;
    char last[REQUEST_SIZE]; /* the last request's head and body; read it when the call has ended */
    struct server_own *own;
};

/* how many of MAX_STEPS are set; the first one always is */
int steps_count(const struct step *steps);
struct server *server_start(const struct step *steps, int count);
/* the clients must have closed their connections: it waits for them */
void server_stop(struct server *);

#endif
