/* One of doctor's checks while it runs: what it may look at, and what it has found. Each has a thread of its own, so it may block, and all of them
 * look at the same time; none may need what another found.
 */
#ifndef PW_OPS_DOCTOR_CHECKUP_H
#define PW_OPS_DOCTOR_CHECKUP_H

#include <sys/queue.h>

#include "base/arena.h"
#include "config/config.h"

enum verdict {
    VERDICT_OK,
    VERDICT_WARNING, /* it will work, but not as one would want it */
    VERDICT_PROBLEM,
    VERDICT_UNKNOWN, /* couldn't look, for a reason that another check tells */
};

struct finding {
    STAILQ_ENTRY(finding) link;
    enum verdict verdict;
    const char *sentence, *remedy; /* remedy NULL: nothing to do */
};

struct checkup {
    struct arena *arena;
    const struct config *config;  /* a setting that can't be read has its default */
    const struct err *unreadable; /* the settings that can't be read, in words */
    int unreadable_count;
    STAILQ_HEAD(, finding) findings;
};

/* `remedy` is kept by pointer. No text may have a secret: DSN, key or token. */
void found(struct checkup *, enum verdict, const char *remedy, const char *fmt, ...) PRINTF(4, 5);

/* A check has this long until doctor goes on without it. What it waits for should end earlier, so that it can say more. */
enum { CHECK_MS = 3000 };

void check_settings(struct checkup *);
void check_secrets(struct checkup *);
void check_files(struct checkup *);
void check_ports(struct checkup *);
void check_database(struct checkup *);
void check_direct_database(struct checkup *);
void check_migrations(struct checkup *);
void check_clock(struct checkup *);
void check_redis(struct checkup *);
void check_provider(struct checkup *);

#endif
