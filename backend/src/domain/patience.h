/* Whether readers wait for what others make, here a thread's summary. Pure: time is a parameter.
 *
 * Readers wait until PATIENCE_MISSES waits in a row have ended without what was waited for. Then
 * one reader in PATIENCE_TRY_NS waits, as a try, and the others don't. Whatever comes to a reader
 * who waits makes all wait again, not only what comes to the try (as in domain/breaker.h): one slow
 * summary with many readers stops the waiting only while no other summary comes.
 */
#ifndef PW_DOMAIN_PATIENCE_H
#define PW_DOMAIN_PATIENCE_H

#include "base/clock.h"

#define PATIENCE_MISSES 2u
#define PATIENCE_TRY_NS (10 * NS_PER_S)

struct patience {       /* all zero: readers wait */
    unsigned misses;    /* in a row */
    uint64_t latest_ns; /* when a reader last began to wait */
};

/* Whether a reader who comes at `now` waits; true notes that the wait has begun. */
bool patience_begin(struct patience *, uint64_t now) MUST_CHECK;

/* A wait has ended, and what was waited for `came` or didn't. A wait that was broken off tells
 * nothing and isn't told. */
void patience_learn(struct patience *, bool came);

#endif
