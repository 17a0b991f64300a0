/* Mode 2: what is slow, and who is to blame. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ops/shared/times.h"
#include "ops/triage/judge.h"

/* ---- the database ---- */

enum lock {
    LOCK_PID,
    LOCK_SECONDS,
    LOCK_BLOCKER,
    LOCK_ROOT,
    LOCK_STATE,
    LOCK_BLOCKER_SECONDS,
    LOCK_STATEMENT,
    LOCK_APPLICATION,
    LOCK_BLOCKER_STATEMENT,
    LOCK_BLOCKER_APPLICATION
};

/* Who has it, and what it did last. */
static const char *blocker(struct judge *judge)
{
    const struct look *look = judge->look;
    return arena_printf(judge->arena, "pid %s (%s) has; that one is %s, its transaction %s old, its statement \"%s\"",
                        look_cell(look, ASK_LOCKS, 0, LOCK_BLOCKER),
                        look_cell(look, ASK_LOCKS, 0, LOCK_BLOCKER_APPLICATION),
                        look_cell(look, ASK_LOCKS, 0, LOCK_STATE),
                        times_measured(judge->arena, look_number(look, ASK_LOCKS, 0, LOCK_BLOCKER_SECONDS)),
                        look_cell(look, ASK_LOCKS, 0, LOCK_BLOCKER_STATEMENT));
}

static void locks_waiting(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    if (could_not_ask(judge, verdict, ASK_LOCKS))
        return;
    int rows = look_rows(look, ASK_LOCKS);
    if (!rows) {
        say_ok(judge, verdict, "none waits for more than a second");
        return;
    }
    for (int row = 0; row < rows; row++)
        if (*look_cell(look, ASK_LOCKS, row, LOCK_ROOT) == 't')
            add_word(verdict, "pid", look_cell(look, ASK_LOCKS, row, LOCK_BLOCKER));
    say_found(judge, verdict, "%d waiting, the longest for %s: pid %s (%s) with \"%s\", for what %s", rows,
              times_measured(judge->arena, look_number(look, ASK_LOCKS, 0, LOCK_SECONDS)),
              look_cell(look, ASK_LOCKS, 0, LOCK_PID), look_cell(look, ASK_LOCKS, 0, LOCK_APPLICATION),
              look_cell(look, ASK_LOCKS, 0, LOCK_STATEMENT), blocker(judge));
}

enum idle { IDLE_PID, IDLE_SECONDS, IDLE_APPLICATION, IDLE_STATEMENT };

static void transaction_idle(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf lines = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_IDLE))
        return;
    for (int row = 0; row < look_rows(look, ASK_IDLE); row++) {
        buf_printf(&lines, "%spid %s (%s) began %s ago, and does nothing since \"%s\"", row ? "; " : "",
                   look_cell(look, ASK_IDLE, row, IDLE_PID), look_cell(look, ASK_IDLE, row, IDLE_APPLICATION),
                   times_measured(judge->arena, look_number(look, ASK_IDLE, row, IDLE_SECONDS)),
                   look_cell(look, ASK_IDLE, row, IDLE_STATEMENT));
        add_word(verdict, "pid", look_cell(look, ASK_IDLE, row, IDLE_PID));
    }
    if (lines.len)
        say_found(judge, verdict, "%s", lines.text);
    else
        say_ok(judge, verdict, "none for longer than a minute");
}

#define QUERIES "db_query_duration_seconds"

struct query {
    const char *name;
    double p95;
};

static int slowest_first(const void *a, const void *b)
{
    double x = ((const struct query *)a)->p95, y = ((const struct query *)b)->p95;
    return (x < y) - (x > y);
}

/* "feed/followed 1.20 s, rooms/list 480 ms": the three slowest statements that are slow. */
static const char *slowest_queries(struct judge *judge)
{
    enum { SHOWN = 3 };
    const struct page *gained = &judge->look->gained;
    const struct label_values names = page_label_values(judge->arena, gained, QUERIES "_bucket", "query", NULL);
    int slow = 0;
    struct query *queries = arena_alloc(judge->arena, ((size_t)names.count + 1) * sizeof *queries);
    for (int i = 0; i < names.count; i++) {
        double p95 = page_quantile(gained, 0.95, QUERIES, WHERE(IS("query", names.texts[i])));
        if (p95 > QUERY_P95)
            queries[slow++] = (struct query){names.texts[i], p95};
    }
    qsort(queries, (size_t)slow, sizeof *queries, slowest_first);
    struct buf out = buf_new(judge->arena);
    for (int i = 0; i < MIN(slow, SHOWN); i++)
        buf_printf(&out, "%s%s %s", i ? ", " : "", queries[i].name, times_measured(judge->arena, queries[i].p95));
    return out.text;
}

/* The statement that every process sends about once a second, whatever it does; it takes what the
 * way takes. */
#define SMALLEST "health/ready"

/* Quick from here, slow from there. */
static void database_far(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    double theirs = page_quantile(&look->gained, 0.5, QUERIES, WHERE(IS("query", SMALLEST)));
    const char *text =
        arena_printf(judge->arena, "a ping from here takes %s, the services' smallest statement %s",
                     times_measured(judge->arena, look->database.ping_s), times_measured(judge->arena, theirs));
    if (isnan(theirs))
        say_ok(judge, verdict, "no service asked the database in the sample");
    else if (theirs > PING_SLOW && theirs > FAR_TIMES * look->database.ping_s)
        say_found(judge, verdict, "%s: the network between them, or a service without processor time", text);
    else
        say_ok(judge, verdict, "%s", text);
}

/* A slow way to the database shows in a ping; where that is quick, a lock or a missing index may
 * be what makes its statements slow. */
static void database_slow(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    double runs = page_sum(&look->gained, QUERIES "_bucket", WHERE(IS("le", "+Inf"))),
           p95 = page_quantile(&look->gained, 0.95, QUERIES, NULL);
    bool slow_ping = look->database.answers && look->database.ping_s > PING_SLOW,
         slow_queries = runs >= QUERIES_AT_LEAST && p95 > QUERY_P95;
    const char *ping = look->database.answers ? times_measured(judge->arena, look->database.ping_s) : "no answer";
    const char *queries = times_measured(judge->arena, p95);
    if (!look->database.answers && !(look->gained_s > 0))
        say_unknown(judge, verdict, "neither the database nor a service could be asked");
    else if (!slow_ping && !slow_queries)
        say_ok(judge, verdict, "ping %s; p95 of %.0f statements %s", ping, runs, queries);
    else if (!slow_ping && (is_found(judge, "locks_waiting") || is_found(judge, "index_missing")))
        say_unknown(judge, verdict, "follows from %s: ping %s, but p95 of %.0f statements %s",
                    is_found(judge, "locks_waiting") ? "locks_waiting" : "index_missing", ping, runs, queries);
    else
        say_found(judge, verdict, "ping %s; p95 of %.0f statements within %s: %s%s%s", ping, runs,
                  times_measured(judge->arena, look->gained_s), queries, slow_queries ? "; slowest: " : "",
                  slow_queries ? slowest_queries(judge) : "");
}

/* ---- the routes ---- */

static bool is_slow(const struct route_traffic *route)
{
    return route->figures.requests >= ROUTE_REQUESTS_AT_LEAST &&
           route->figures.p95 > (route->class == CLASS_MODEL ? OBJECTIVE_MODEL_LATENCY_S : OBJECTIVE_LATENCY_S);
}

static void routes_slow(struct judge *judge, struct verdict *verdict)
{
    bool model = is_found(judge, "model_slow") || is_found(judge, "model_failing");
    struct buf slow = buf_new(judge->arena);
    int count = 0;
    for (int i = 0; i < judge->traffic.route_count; i++) {
        const struct route_traffic *route = &judge->traffic.routes[i];
        if (!is_slow(route) || (model && route->class == CLASS_MODEL))
            continue;
        if (count++ < 5)
            buf_printf(&slow, "%s%s %s %s (%.0f requests)", slow.len ? ", " : "", route->method, route->route,
                       times_measured(judge->arena, route->figures.p95), route->figures.requests);
    }
    if (count)
        say_found(judge, verdict, "p95 of %s%s", slow.text, count > 5 ? ", ..." : "");
    else
        say_ok(judge, verdict, "%d routes with requests, all within their target", judge->traffic.route_count);
}

const struct check latency_checks[] = {
    {"locks_waiting", NEED_DATABASE, locks_waiting, {NULL}},
    {"transaction_idle", NEED_DATABASE, transaction_idle, {NULL}},
    {"database_far", NEED_DATABASE, database_far, {"locks_waiting"}},
    {"database_slow", NEED_NOTHING, database_slow, {NO_DATABASE, "schema_damaged", "database_far"}},
    {"routes_slow",
     NEED_API_SAMPLE,
     routes_slow,
     {NO_DATABASE, "schema_damaged", "index_missing", "locks_waiting", "database_far", "database_slow"}},
    {0},
};
