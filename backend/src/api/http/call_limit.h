/* Checks a call against a rate limit: passed(call) runs, at once or later, or the call is answered
 * with 429 and Retry-After. Either way the coming answer says how much of the limit is left. */
#ifndef PW_API_HTTP_CALL_LIMIT_H
#define PW_API_HTTP_CALL_LIMIT_H

#include "api/guard/limits.h"
#include "api/http/call.h"

typedef void call_limit_passed(struct call *);

/* Counts the call. `account`: whose failures LIMIT_LOGIN_FAILURE (with the network) or
 * LIMIT_ACCOUNT_FAILURE counts, else NULL. LIMIT_NONE always passes. */
void call_limit_take(struct call *, enum limit, const char *account, call_limit_passed *passed);
/* The same without counting the call; not for LIMIT_NONE. */
void call_limit_look(struct call *, enum limit, const char *account, call_limit_passed *passed);

#endif
