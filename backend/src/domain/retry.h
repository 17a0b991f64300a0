/* When to try again. Pure: chance comes in as `roll` in [0, 1). */
#ifndef PW_RETRY_H
#define PW_RETRY_H

#include "base/base.h"

struct retry_policy {
    uint64_t base_ms, max_ms, least_ms;
};

/* The wait before attempt k+1 (k from 1): base · 2^(k-1), capped, ± 20 % so that a storm doesn't return as one wave, at least `least_ms`. */
uint64_t retry_delay_ms(const struct retry_policy *, unsigned k, double roll);

/* A Retry-After header (RFC 9110, 10.2.3: seconds, or an HTTP date), or OpenAI's retry-after-ms. UINT64_MAX where it can't be read. */
uint64_t retry_after_ms(const char *value, int64_t now_unix_s);
uint64_t retry_after_milliseconds(const char *value);

#endif
