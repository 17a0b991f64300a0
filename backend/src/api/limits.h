/* Rate limits: the classes of http-api.md, section 1, as a table; exact in one process, and over all replicas with REDIS_URL. */
#ifndef PW_LIMITS_H
#define PW_LIMITS_H

#include "base/base.h"

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

#endif
