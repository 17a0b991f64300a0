/* A circuit breaker: after a number of failures in a row no call passes for a while, then one at a
 * time until one succeeds. Pure: time is a parameter.
 *
 * CLOSED     all may ask; `failures` in a row open it
 * OPEN       nobody may, until `cooldown_ns` have passed
 * HALF_OPEN  one may, the probe: its success closes, its failure opens again, its end without
 *            news lets the next one probe
 *
 * The result of a call that isn't the probe counts only while the breaker is closed: the call may
 * have begun before the breaker opened.
 */
#ifndef PW_DOMAIN_BREAKER_H
#define PW_DOMAIN_BREAKER_H

#include "base/base.h"

/* as the metric has them: 0, 1, 2 */
enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

struct breaker_policy {
    unsigned failures; /* in a row; from 1 */
    uint64_t cooldown_ns;
};

struct breaker { /* all zero: closed */
    enum breaker_state state;
    unsigned failures;
    uint64_t open_until;
    bool probing;
};

enum breaker_news {
    BREAKER_NOTHING, /* the call was dropped or cut short, which says nothing about the provider */
    BREAKER_WELL,    /* it worked */
    /* the provider answers, but refused this call: closes a half-open breaker, doesn't reset the
     * count of failures */
    BREAKER_ALIVE,
    BREAKER_ILL,
};

/* The wait until a call may pass; 0: now. While a probe is under way the wait is unknown, and given
 * as a second. */
uint64_t breaker_wait_ns(const struct breaker *, uint64_t now);

/* Whether the call may pass. True: exactly one breaker_learn must follow, with the same `probe`. */
bool breaker_ask(struct breaker *, uint64_t now, bool *probe) MUST_CHECK;
void breaker_learn(struct breaker *, const struct breaker_policy *, uint64_t now, bool probe, enum breaker_news);

#endif
