/* Low-water marks, one per priority: a claim reads only jobs that are due at or after its
 * priority's mark. They keep claims fast beside dead index entries of jobs that were claimed long
 * ago, which a long transaction keeps. A claim raises the mark to the newest due time that it got,
 * less LATE_COMMIT_US. The mark comes down to what the poll finds below it: a job that was written
 * by hand, or by a transaction that took longer than LATE_COMMIT_US, or whose row was locked while
 * claims passed it. All zero at first: claims look at everything.
 *
 * A mark that came down while a claim was under way stays down when the claim is answered: the
 * claim was sent above the old mark, so it has not seen the job that brought the mark down.
 */
#ifndef PW_WORKER_MARKS_H
#define PW_WORKER_MARKS_H

#include <stdint.h>

#include "config/job_types.h"

enum {
    /* A job's due time is when its transaction began, but claims see the job only after the commit.
     * A later job may have been claimed by then, so a mark stays this far behind. */
    LATE_COMMIT_US = 1000000,
    MARKS_TEXT_SIZE = 128,
};

struct marks {
    int64_t low_water[JOB_PRIORITIES]; /* µs since 1970; 0: whenever it was due */
};

/* Another priority, which a newer schema may have, changes nothing. `sent`: the marks above which
 * the claim looked. */
void marks_raise(struct marks *, const struct marks *sent, int64_t priority, int64_t claimed_due_us);
void marks_lower(struct marks *, int64_t priority, int64_t waiting_due_us);
void marks_text(const struct marks *, char text[static MARKS_TEXT_SIZE]); /* a Postgres array */

#endif
