/* What verify prints: on a terminal one screen that is drawn anew, elsewhere a line for each
 * change; and at last how it ended. */
#ifndef PW_OPS_VERIFY_REPORT_H
#define PW_OPS_VERIFY_REPORT_H

#include "ops/verify/track.h"

struct progress {
    const struct tracks *tracks;
    const struct moment *now;
    uint64_t began_ns, for_ns, give_up_ns;
};

void report_progress(const struct progress *); /* one line on a terminal, replaced by the next */

enum verify_end { VERIFY_HELD, VERIFY_GAVE_UP, VERIFY_INTERRUPTED };
/* what held and what broke, and when; the command's last word */
void report_end(const struct progress *, enum verify_end);

#endif
