/* What verify prints: on a terminal one screen that is drawn anew, elsewhere a line for each
 * change; and at last how it ended. */
#ifndef PW_OPS_VERIFY_REPORT_H
#define PW_OPS_VERIFY_REPORT_H

#include "ops/verify/track.h"

/* How far the watching is; what a report is made from. */
struct verify_progress {
    const struct tracks *tracks;
    const struct moment *now;
    uint64_t began_ns;   /* the first look's time, by clock_ns */
    uint64_t for_ns;     /* for how long all items have to hold together */
    uint64_t give_up_ns; /* after how long the command gives up */
};

/* how it stands: a terminal's screen anew, elsewhere the items that changed */
void report_progress(const struct verify_progress *);

enum verify_end { VERIFY_HELD, VERIFY_GAVE_UP, VERIFY_INTERRUPTED };
/* what held and what broke, and when; the command's last word */
void report_end(const struct verify_progress *, enum verify_end);

#endif
