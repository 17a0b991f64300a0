/* A request under way: its route, its caller, its statement's parameters, and its waits.
 *
 * A handler registers everything that it waits for with call_wait, together with a function that
 * drops it. An answer, the deadline and a client that leaves drop the remaining waits, so a handler
 * needs no clean-up of its own. Everything runs on the loop's thread; texts live in the call's
 * arena. The answers themselves stand in api/http/answer.h.
 */
#ifndef PW_API_HTTP_CALL_H
#define PW_API_HTTP_CALL_H

#include "base/uuid.h"
#include "config/config.h"
#include "sys/db/db.h"
#include "sys/http/request.h"

/* One thread's share of the service. */
struct api {
    const struct config *config;
    struct activity *activity;
    struct answer_cache *answers;
    struct blocks_view *blocks;
    struct card_desk *cards;
    struct card_tags *card_tags;
    struct loop *loop;
    struct db *db;
    struct events *events;
    struct feed_keeper *feed;
    struct live_desk *live;
    struct limits *limits;
    struct llm *llm;
    struct page_desk *pages;
    struct live_tell *tell;
    bool wakes_worker; /* jobs were enqueued in this turn */
};

struct route;
struct call;
struct limit_verdict;

typedef void call_drop(void *what); /* afterwards the callback of `what` will not come */
typedef void call_rows(struct call *, enum db_outcome, struct db_rows *);

enum { CALL_WAITS_MAX = 4 };

/* Goes before each write of a call, in its transaction. Where it refuses (DB_REFUSED),
 * refused(call) runs in place of the write's callback, unless the call's answer is a stream that
 * has begun. */
struct call_claim {
    struct db_ask statement;
    void (*refused)(struct call *);
};

struct call {
    struct api *api;
    struct http_request *http;
    struct arena *arena;
    const struct route *route; /* NULL: none matches the path, or the address is blocked */
    bool is_blocked;
    int served; /* enum served */
    const char *request_id;
    char user_id[UUID_SIZE];    /* "": nobody */
    char session_id[UUID_SIZE]; /* "": the token is of before sessions, or there is none */
    int64_t token_expires_s;    /* where there is a user */
    const char *account;        /* for the log: a keyed hash of the account that is asked for; NULL: none */
    const char *ids[2];         /* what the path's {…} matched */
    const char *params[SQL_MAX_PARAMS];
    int param_count;
    int body_at;                       /* the place of the body's first field among `params` */
    const char *error;                 /* for the log, of answers from 500 on */
    const struct call_claim *claim;    /* NULL: none */
    const struct limit_verdict *limit; /* for the RateLimit headers; NULL: none */
    /* answers an error instead of JSON; NULL: JSON does */
    void (*fail)(struct call *, int status, const char *sentence);
    void *state;      /* a handler's own */
    int streamed;     /* status of an answer that is a stream (api/http/event_stream.h); 0: it is none */
    bool is_long;     /* a stream of hours */
    bool is_stopping; /* refused because the process stops */
    /* of a stream that waits for the call's answer, which is its last event; NULL: there is none */
    void (*end_stream)(struct call *, int status, const char *body, size_t len);
    uint64_t retry_after_s; /* what Retry-After says of a failure; 0: nothing */

    /* call.c's */
    enum sql statement; /* the latest */
    call_rows *on_rows;
    struct call_wait {
        call_drop *drop;
        void *what;
    } waits[CALL_WAITS_MAX];
    int wait_count;
};

/* ---- waiting ---- */

/* Registers a wait: drop(what) cancels it. Each kind of wait has a drop function of its own, and a
 * call has at most one wait of a kind. */
void call_wait(struct call *, call_drop *drop, void *what);
/* Ends the wait of that kind; the callback of a wait calls it first, as there is nothing to drop
 * any more. Harmless without such a wait: a callback may run before call_wait. */
void call_got(struct call *, call_drop *drop);
/* Drops all waits; an answer does so by itself. */
void call_stop_waiting(struct call *);
/* Runs fn(call) after `ms`. A call has one timer: `fn` is the same each time, and setting it again
 * forgets the earlier time. */
void call_after(struct call *, uint64_t ms, loop_fn *fn);

/* ---- fields and parameters ---- */

/* A field of the body by its name in the route's table; NULL where it is absent. A name that the
 * table lacks is a mistake in the program and ends it. */
const char *call_field(const struct call *, const char *name);
/* The statement gets `value` for the field, which must live as long as the call. */
void call_set_field(struct call *, const char *name, const char *value);
/* Adds the statement's next parameter, which must live as long as the call; NULL is SQL's null. */
void call_param(struct call *, const char *value);
void call_number_param(struct call *, int64_t value); /* the same for a number */
/* A parameter of the URL's query by its name, decoded; NULL where it is absent. */
const char *call_query_value(struct call *, const char *name);

/* ---- statements ---- */

/* Runs a statement with the call's parameters, or with others; done(call, …) runs later, from the
 * loop. A call has one statement under way at a time. */
void call_query(struct call *, enum sql, call_rows *done);
void call_query_with(struct call *, enum sql, const char *const *params, call_rows *done);
/* The same for a statement whose effect must be undone where the call ends before its answer: then
 * left(db, …) gets that. */
void call_query_or_undo(struct call *, enum sql, const char *const *params, call_rows *done, db_done *left);
void call_wake_worker(struct call *); /* a statement enqueued jobs */

#endif
