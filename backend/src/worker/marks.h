/* Low-water marks, one per priority: claims don't look at what was due before. They keep claims
 * fast beside rows that died long ago, which a long transaction keeps in the index. A mark goes
 * up with each claim and comes down to what the poll finds below it: a job that was written by
 * hand, or by a transaction that took longer than LATE_COMMIT_US. All zero at first: claims look
 * at everything.
 */
#ifndef PW_WORKER_MARKS_H
#define PW_WORKER_MARKS_H

#include <stdint.h>

#include "config/job_types.h"

enum {
    /* a job is due from its transaction's beginning on, and seen from its end on */
    LATE_COMMIT_US = 1000000,
    MARKS_TEXT_SIZE = 128,
};

struct marks {
    int64_t low_water[JOB_PRIORITIES]; /* µs since 1970; 0: whenever it was due */
};

/* Another priority, which a newer schema may have, changes nothing. */
void marks_raise(struct marks *, int64_t priority, int64_t claimed_due_us);
void marks_lower(struct marks *, int64_t priority, int64_t waiting_due_us);
void marks_text(const struct marks *, char text[static MARKS_TEXT_SIZE]); /* a Postgres array */

#endif
