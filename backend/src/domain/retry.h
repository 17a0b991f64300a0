/* When to try again. Pure: chance is the parameter `roll` in [0, 1). */
#ifndef PW_DOMAIN_RETRY_H
#define PW_DOMAIN_RETRY_H

#include "base/base.h"

struct retry_policy {
    uint64_t base_ms, max_ms, least_ms;
};

/* The wait before attempt k+1 (k from 1): base · 2^(k-1), capped, ± 20 % so that a storm doesn't
 * return as one wave, at least `least_ms`. */
uint64_t retry_delay_ms(const struct retry_policy *, unsigned k, double roll);

/* The wait that a server names, at most a day: in OpenAI's header retry-after-ms, the finer one,
 * else in Retry-After (RFC 9110, 10.2.3: seconds, or an HTTP date). NULL: not sent.
 * RETRY_UNNAMED where there is none that can be read. */
#define RETRY_UNNAMED UINT64_MAX
uint64_t retry_named_ms(const char *retry_after, const char *retry_after_ms, int64_t now_unix_s);

#endif
