/* A circuit breaker: after so many failures in a row nobody is asked for a while, then one at a
 * time until one succeeds. Pure: time comes in.
 *
 * CLOSED     all may ask; `failures` in a row open it
 * OPEN       nobody may, until `cooldown_ns` have passed
 * HALF_OPEN  one may, the probe: its success closes, its failure opens again, its end without
 *            news lets the next one probe
 *
 * What an asker that isn't the probe learns counts only while the breaker is closed: it was sent
 * off under other circumstances.
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
    BREAKER_NOTHING, /* the asker left, or was cut short: that says nothing */
    BREAKER_WELL,    /* it worked */
    /* refused for a reason of its own: closes after a probe, but doesn't make up for failures */
    BREAKER_ALIVE,
    BREAKER_ILL,
};

/* How long until it is worth asking; 0: now. Behind a probe nobody knows: that counts as a
 * second. */
uint64_t breaker_wait_ns(const struct breaker *, uint64_t now);

/* May this one ask? Then exactly one breaker_learn must follow, with the same `probe`. */
bool breaker_ask(struct breaker *, uint64_t now, bool *probe) MUST_CHECK;
void breaker_learn(struct breaker *, const struct breaker_policy *, uint64_t now, bool probe, enum breaker_news);

#endif
