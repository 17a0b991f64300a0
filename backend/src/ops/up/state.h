/* `.personaworlds`, the folder in which `up` keeps its database, its secret and its lock. It
 * decides which database is started and which tokens are good, so it must be the caller's own:
 * one that another user made, or could write to, is refused. */
#ifndef PW_OPS_UP_STATE_H
#define PW_OPS_UP_STATE_H

#include <limits.h>

#include "base/base.h"

struct up_state {
    char folder[PATH_MAX]; /* absolute */
    bool was_made;         /* by this very start */
    int lock;              /* -1: not held */
};

/* Opens or makes the folder in the working folder, for one `up` at a time. state_close is needed in
 * any case. */
bool state_open(struct up_state *, struct err *err) MUST_CHECK;
/* removes a folder that was made for nothing: the start failed before anything was kept in it */
void state_forget(const struct up_state *);
void state_close(struct up_state *);

/* Lets JWT_SECRET_FILE name the folder's secret, which is made once, so that tokens outlive a
 * restart; nothing where the environment has a secret. */
bool state_use_secret(const struct up_state *, struct err *err) MUST_CHECK;

#endif
