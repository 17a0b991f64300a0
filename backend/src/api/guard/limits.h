/* Rate limits: the classes that a route's row may name, as a table. A window is fixed and begins
 * with a key's first request.
 *
 * Counting is exact in one process over all its threads, and with REDIS_URL over all replicas. A
 * request waits for Redis for 80 ms, 100 with the loop's delay; while Redis is away or slow, each
 * process counts for itself. It counts for itself all the time, so that an outage begins with
 * current counts.
 *
 * Limits may change at any time (config/levers.h): windows that have begun go on under the new
 * numbers.
 *
 * A client of IPv6 has three buckets: its network of 64 bits, and those of 56 and 48 bits around
 * it, which may do 4 and 16 times as much, as a customer may have any of the three. A request is
 * refused where one of them is full, and then counted in none. What a verdict tells is of the
 * tightest.
 *
 * A process remembers some 130,000 buckets of each class (6 MiB where all of them come); beyond
 * that the oldest windows are forgotten, which loosens limits for some and tightens them for
 * nobody (domain/rate.h).
 *
 * A limit gives a verdict; api/http/call_limit.h makes it the answer to a call.
 */
#ifndef PW_API_GUARD_LIMITS_H
#define PW_API_GUARD_LIMITS_H

#include "base/arena.h"
#include "config/config.h"
#include "sys/loop.h"

enum limit {
    LIMIT_NONE,
    LIMIT_PUBLIC_READ,
    LIMIT_PUBLIC_WRITE,
    LIMIT_EVENTS,
    LIMIT_AUTH,
    LIMIT_LOGIN_FAILURE,   /* failed logins of an account from one network */
    LIMIT_ACCOUNT_FAILURE, /* and from all networks that the account doesn't know */
    LIMIT_STREAM_OPEN,
    LIMIT_BATTLE_CREATE,
    LIMIT_TEMPLATE_CREATE,
    LIMIT_PERSONA_WRITE,
    LIMIT_REPLY_REQUEST,
    LIMIT_LLM,
    LIMIT_ACCOUNT,
    LIMIT_EXPORT,
    LIMIT_FORGOT,
    LIMIT_VERIFICATION,
    LIMIT_SEARCH,
    LIMITS
};

struct limits; /* one loop's part */

void limits_metrics(void); /* makes the series; before any thread */
/* call for every loop before any of them runs */
struct limits *limits_open(struct loop *, const struct config *, struct err *) MUST_CHECK;
void limits_close(struct limits *); /* NULL is fine */

/* Whom a limit counts together. */
enum limit_scope {
    LIMIT_BY_ADDRESS,
    LIMIT_BY_USER,
    LIMIT_BY_USER_AND_ADDRESS,
    LIMIT_BY_ACCOUNT,
    LIMIT_BY_ACCOUNT_NETWORK,
    LIMIT_SCOPES
};

/* The limit's scope for a user (`is_user`) or for an anonymous client; never
 * LIMIT_BY_USER_AND_ADDRESS. */
enum limit_scope limit_scope(enum limit, bool is_user);
/* A user of the limit counts by address, too. */
bool limit_is_by_both(enum limit);

enum { LIMIT_NETWORKS = 2 }; /* around a client that is counted by its address */

/* One client of a limit. */
struct limit_client {
    enum limit limit;       /* not LIMIT_NONE */
    enum limit_scope scope; /* as limit_scope gives it */
    const char *who;        /* the address, the user's id, the account, or the account and the network */
    /* by address: the networks of 56 and 48 bits that are counted, too; NULL: there are none */
    const char *networks[LIMIT_NETWORKS];
    struct arena *arena; /* for the check and its verdict */
};

/* What a limit says of a request; it lives as long as the client's arena. */
struct limit_verdict {
    bool is_allowed;
    int64_t retry_after_s; /* where it isn't allowed */
    const char *sentence;  /* of the 429 */
    /* the headers RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-08);
     * NULL: an account that has room, which the client must not learn */
    const char *policy_header, *state_header;
    const char *scope, *endpoint; /* as logs and metrics name them */
};
typedef void limit_done(void *ctx, const struct limit_verdict *);

/* Counts a request of the client and calls done(ctx, verdict): from inside this call, which then
 * returns NULL, or later from the loop. A refusal is counted in rate_limit_events_total. Like
 * limit_look and limit_drop for the thread of the loop that `limits` was opened for. */
struct limit_check *limit_take(struct limits *, const struct limit_client *, limit_done *done, void *ctx);
/* The same without counting the request: does the window have room? */
struct limit_check *limit_look(struct limits *, const struct limit_client *, limit_done *done, void *ctx);
void limit_drop(struct limit_check *); /* no verdict will come */

const char *limit_sentence(enum limit); /* of the 429; NULL for LIMIT_NONE */

#endif
