/* How often something may happen: the value of a rate limit's setting and of its lever. */
#ifndef PW_CONFIG_RATE_H
#define PW_CONFIG_RATE_H

#include "base/base.h"

struct rate { /* `count` within `window`, milliseconds */
    int64_t count, window;
};

#endif
