/* What a route is, and the table of all routes. The table stands in api/http/routes.c, the only
 * file that includes every handler; any file may read the table by this header. The pages, which
 * are routes for who would rather have HTML, are a table of their own, api/pages/pages.c. */
#ifndef PW_API_HTTP_ROUTE_H
#define PW_API_HTTP_ROUTE_H

#include "api/guard/limits.h"
#include "domain/fields.h"
#include "sql.h" /* made by the build: enum sql */
#include "sys/http/request.h"

struct call;
struct page;

/* For whom a route is, and so where it is served: OBSERVABILITY_LISTEN has those for operators
 * apart from all others. */
enum audience {
    FOR_CLIENTS,
    FOR_EVERYBODY, /* load balancers ask for health where clients ask */
    FOR_OPERATORS, /* and with METRICS_TOKEN alone, where that is set */
};

/* What a place that is listened on serves. */
enum served { SERVES_ALL, SERVES_CLIENTS, SERVES_OPERATORS };

enum who {
    ANYONE,
    VISITOR, /* the statement's parameter is the caller, or null for an anonymous one */
    USER,
};

enum { TELLS_POST = 1, TELLS_CALLER = 2, TELLS_FOLLOWERS = 4 };

/* A route is answered by a statement, or by a handler where one statement isn't enough. The
 * parameters are: the caller (VISITOR, USER), the path's ids, the body's fields, then what
 * `prepare` adds. */
struct route {
    enum method method;
    /* {id:room id} matches one segment, a UUID that errors call "room id"; other kinds: router.c */
    const char *path;
    enum who who;
    enum limit limit;
    enum audience audience;
    const struct field *body;  /* NULL: a body is ignored */
    const struct field *query; /* the parameters that `prepare` or `run` reads */
    /* beside `run`: the statement that the handler ends with, whose answers are the route's */
    enum sql sql;
    /* "400 invalid cursor | 502 llm draft failed": what `prepare` or `run` answers beside the
     * statement */
    const char *answers;
    /* adds parameters; returns NULL or the sentence of a 400 */
    const char *(*prepare)(struct call *);
    void (*run)(struct call *);
    /* recorded with each 200 whose column `_event_metadata` isn't null: a view aside, an act before
     * the answer goes out */
    const char *event;
    /* seconds for which browsers and CDNs may keep what visitors are answered; this process keeps
     * it for one of them (api/http/public.h). 0: neither */
    int fresh;
    bool in_memory;         /* what it answers may be in memory: it has a cache_requests_total */
    bool shows_to_visitors; /* it changes what visitors see, which is forgotten then */
    /* whom its statement has something new for: TELLS_POST (the path's first id), TELLS_CALLER,
     * TELLS_FOLLOWERS (something was published), or several */
    int tells;
    bool keeps_answer; /* it takes an Idempotency-Key; its statement calls keep_answer */
    bool wakes_worker; /* its statement enqueues jobs */
    bool small_body;   /* PUBLIC_BODY_MAX_BYTES */
    /* a browser's request must be application/json: so it asks first whether the page may (CORS),
     * and a foreign page can't act through its visitors; for routes that need no token */
    bool json_from_pages;
    bool is_probe;           /* answered on connections beyond the limits, too */
    const struct page *page; /* it is a page (api/pages/page.h); NULL: it is none */
};

extern const struct route routes[];
extern const int route_count;
extern const struct route pages[];
extern const int page_count;

/* Both tables as one, for what is kept for each route: routes first. */
int route_row_count(void);
const struct route *route_row(int place);
int route_place(const struct route *);

#endif
