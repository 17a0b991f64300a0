/* A request at work: from the route table to one statement and back.
 *
 * call_answer and its siblings answer once; whatever the call still waits for is dropped then,
 * so a handler needs no clean-up of its own. Everything runs on the loop's thread; texts live in
 * the call's arena.
 */
#ifndef PW_API_HTTP_CALL_H
#define PW_API_HTTP_CALL_H

#include "base/uuid.h"
#include "config/config.h"
#include "llm/llm.h"
#include "service/readiness.h"
#include "sys/db/db.h"
#include "sys/http/http.h"

/* One thread's share of the service. */
struct api {
    const struct config *config;
    struct activity *activity;
    struct blocks_view *blocks;
    struct card_desk *cards;
    struct loop *loop;
    struct db *db;
    struct events *events;
    struct limits *limits;
    struct llm *llm;
    struct readiness *readiness;
    bool wakes_worker; /* jobs were enqueued in this turn */
};

struct route;

enum { MAX_GENERATIONS = 2 };

struct call {
    struct api *api;
    struct http_request *http;
    struct arena *arena;
    const struct route *route; /* NULL: none matches the path, or the address is blocked */
    bool is_blocked;
    const char *request_id;
    char user_id[UUID_SIZE]; /* "": nobody */
    const char *ids[2];      /* what the path's {…} matched */
    const char *params[SQL_MAX_PARAMS];
    int param_count;
    const char *error;                    /* for the log, of answers from 500 on */
    const char *rate_policy, *rate_state; /* RateLimit headers; NULL: no limit was asked */
    void *state;                          /* a handler's own */

    /* what the call waits for, at most so many of each */
    struct card_wait *card;
    struct db_call *query;
    struct event *event;
    struct limit_check *limit;
    struct llm_call *generations[MAX_GENERATIONS];
    struct password_job *password;
    struct question *question;
    struct timer *timer;
};

/* ---- answers (answer.c) ---- */

/* `json` lives as long as the arena */
void call_answer(struct call *, int status, const char *json);
void call_answer_text(struct call *, int status, const char *content_type, const char *text, size_t len);
/* the envelope {"error","code","request_id"}; the code comes from the sentence */
void call_fail(struct call *, int status, const char *sentence);
void call_fail_as(struct call *, int status, const char *sentence, const char *code);
/* 503 `server is busy`, Retry-After; `reason` is the label of http_requests_shed_total */
void call_busy(struct call *, const char *reason);
/* 503 with Retry-After */
void call_retry_later(struct call *, const char *sentence, uint64_t after_ms);
void call_fail_db(struct call *, enum db_outcome, const struct db_rows *, bool wrote);

/* Drops whatever the call waits for; an answer does it by itself. */
void call_stop_waiting(struct call *);

/* Answers with a statement's row: status, body. */
void call_answer_row(struct call *, struct db_rows *);

/* ---- statements (pipeline.c) ---- */

/* adds the statement's next parameter, which must live as long as the call; NULL is SQL's null */
void call_param(struct call *, const char *value);
void call_number_param(struct call *, int64_t value); /* adds the statement's next parameter */
/* with the call's params; done's ctx is the call */
void call_query(struct call *, enum sql, db_done *done);
void call_wake_worker(struct call *);

/* Handlers' done functions begin with it: false when the statement gave no rows; the call is
 * answered then. */
bool call_has_rows(struct call *, enum db_outcome, struct db_rows *, bool wrote) MUST_CHECK;

/* of the URL's query, decoded; NULL where missing */
const char *call_query_value(struct call *, const char *name);

#endif
