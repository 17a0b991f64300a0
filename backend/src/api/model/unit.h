/* A unit of a persona's quota, which a call holds while the model writes. It goes back in whatever
 * way the call ends, unless it is let go; where the process is killed, or can't reach the database,
 * the reservation runs out with the request's time. */
#ifndef PW_API_MODEL_UNIT_H
#define PW_API_MODEL_UNIT_H

#include "api/http/call.h"

struct unit {
    struct call *call;
    const char *reservation;
    int calls; /* of the model that were made, and stay on the user's account */
};

/* Runs SQL_QUOTAS_RESERVE. A unit that comes after the call's end goes back at once. */
void unit_ask(struct call *, const char *const *params, call_rows *done);
/* The unit was reserved: the call holds it from now on. */
void unit_hold(struct unit *, struct call *, const char *reservation);
/* The unit is used, or has gone back. */
void unit_let_go(struct unit *);
/* Gives the unit back and tells how that went; the call holds it until then. */
void unit_give_back(struct unit *, call_rows *done);

#endif
