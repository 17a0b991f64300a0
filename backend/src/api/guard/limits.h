/* Rate limits: the classes of http-api.md, section 1, as a table. A window is fixed and begins
 * with a key's first request.
 *
 * Counting is exact in one process over all its threads, and with REDIS_URL over all replicas. A
 * request waits for Redis for 100 ms at most; while Redis is away or slow, each process counts
 * for itself. It counts along all the time, so that an outage begins with what it knows.
 *
 * What is in force may change at any time (config/levers.h): windows that have begun go on under
 * the new numbers.
 *
 * A process remembers some 130,000 clients of each class (6 MiB where all of them come); beyond
 * that the oldest windows are forgotten, which loosens limits for some and tightens them for
 * nobody (domain/rate.h).
 */
#ifndef PW_API_GUARD_LIMITS_H
#define PW_API_GUARD_LIMITS_H

#include "base/base.h"
#include "config/config.h"
#include "sys/loop.h"

enum limit {
    LIMIT_NONE,
    LIMIT_PUBLIC_READ,
    LIMIT_PUBLIC_WRITE,
    LIMIT_EVENTS,
    LIMIT_AUTH,
    LIMIT_LOGIN_FAILURE,
    LIMIT_BATTLE_CREATE,
    LIMIT_TEMPLATE_CREATE,
    LIMIT_LLM,
    LIMITS
};

struct call;
struct limits; /* one loop's part */

void limits_metrics(void); /* makes the series; before any thread */
/* for all loops before the first runs */
struct limits *limits_open(struct loop *, const struct config *, struct err *) MUST_CHECK;
void limits_close(struct limits *); /* NULL is fine */

/* Counts the call in its class and goes on with passed(call), at once or later; past the limit
 * the call is answered with 429 instead. `account`: whose failures LIMIT_LOGIN_FAILURE counts,
 * else NULL. LIMIT_NONE always passes. */
typedef void limit_passed(struct call *);
void limit_take(struct call *, enum limit, const char *account, limit_passed *passed);

/* The same without counting: does the window have room? */
void limit_look(struct call *, enum limit, const char *account, limit_passed *passed);

const char *limit_sentence(enum limit); /* of the 429; NULL for LIMIT_NONE */

/* What a call waits for. */
struct limit_check;
void limit_drop(struct limit_check *);

#endif
