/* Between triage's checks: one table of them, and what they say their verdict with. */
#ifndef PW_OPS_TRIAGE_JUDGE_H
#define PW_OPS_TRIAGE_JUDGE_H

#include "ops/shared/objectives.h"
#include "ops/shared/traffic.h"
#include "ops/triage/look.h"
#include "ops/triage/verdict.h"
#include "runbook.h"

struct judge {
    const struct look *look;
    struct arena *arena;
    struct traffic traffic;
    struct verdict *verdicts;
    bool judged[RUNBOOK_CHECKS];
};

/* Sets the verdict, which begins as ok without evidence. */
typedef void check_fn(struct judge *, struct verdict *);

/* What a check must have been able to look at; else it is unknown. */
enum need { NEED_NOTHING, NEED_DATABASE, NEED_API_SAMPLE, NEED_SAMPLE, NEED_METRICS };

enum { FOLLOWS_MAX = 24 };

struct check {
    const char *id; /* of deploy/runbook.toml */
    enum need need;
    check_fn *run;
    /* findings that explain this one: with any of them it isn't one of its own */
    const char *follows[FOLLOWS_MAX];
};

/* each ends with a NULL id */
extern const struct check postgres_checks[], replication_checks[], statement_checks[], service_checks[],
    latency_checks[], model_checks[], lever_checks[], queue_checks[], freshness_checks[];

/* findings with which nobody has a database, and those with which it doesn't do as it is told */
#define NO_DATABASE "database_unreachable", "connections_exhausted", "database_misnamed", "database_credentials"
#define NO_STATEMENTS                                                                                       \
    "commits_waiting", "database_read_only", "resources_exhausted", "rights_missing", "migrations_pending", \
        "schema_damaged", "statements_refused", "database_faulty", "statements_ended"

/* the check looked, and found nothing */
void say_ok(struct judge *, struct verdict *, const char *fmt, ...) PRINTF(3, 4);
/* the check found its symptom; the text is for the operator */
void say_found(struct judge *, struct verdict *, const char *fmt, ...) PRINTF(3, 4);
/* as say_found, of what serves on all the same: others do the work */
void say_lesser(struct judge *, struct verdict *, const char *fmt, ...) PRINTF(3, 4);
/* as say_found, of what is no trouble of the services */
void say_warning(struct judge *, struct verdict *, const char *fmt, ...) PRINTF(3, 4);
/* the check could not look; the text says why */
void say_unknown(struct judge *, struct verdict *, const char *fmt, ...) PRINTF(3, 4);
/* of ours: it gets into a command as it is */
void add_placeholder(struct verdict *, const char *name, const char *text);
/* of anybody: ignored unless a shell takes it as one word */
void add_word(struct verdict *, const char *name, const char *text);

/* Whether another check is a finding; judges it first where that has yet to be. Two checks must
 * not ask for each other. */
bool is_found(struct judge *, const char *id);

/* Whether calls to the model find the daily budget used up: what only waits for it is no finding of
 * its own. */
bool budget_is_used_up(const struct look *);

/* ---- what a service says ---- */

/* whether it isn't ready, for a reason that begins so */
bool service_says(const struct service *, const char *prefix);
/* what a service that can't reach its database says of it; NULL: it doesn't say that */
const char *database_trouble_of(const struct service *);
/* The finding that a service's reason not to be ready follows from; NULL: it has its own. */
const char *explained_by(struct judge *, const struct service *);
/* What makes the checks api_down, worker_down, and api_not_ready, worker_not_ready. */
void say_down(struct judge *, struct verdict *, enum service_kind);
void say_not_ready(struct judge *, struct verdict *, enum service_kind);

#define DATABASE_ERRORS "db_errors_total"
/* the statements of a service that Postgres refused or broke off in the sample */
double service_database_errors(const struct service *);
/* How many statements failed with this class of SQLSTATE, as a sentence; `gained`: those of it
 * in the sample. */
const char *database_errors(struct judge *, const char *class, double *gained);

/* The statement that a check is about failed: says why, and is true. */
bool could_not_ask(struct judge *, struct verdict *, enum question);

/* ---- thresholds ---- */

/* Each with its reason. Shares are of 1, times in seconds. */
#define ROUTE_REQUESTS_AT_LEAST 5 /* fewer have no p95 */
#define PING_SLOW 0.1             /* a request of three statements misses its objective by half with it */
#define QUERY_P95 0.1
#define STANDBY_LAG 30.0   /* a promotion replays that first, and nobody writes meanwhile */
#define STANDBY_LAG_MIB 64 /* likewise, of one whose replay is stuck */
#define FAR_TIMES 10       /* services that are near ask as quickly as we do */
#define QUERIES_AT_LEAST 5
#define MODEL_P95 5.0           /* three seconds under the objective of what waits for it */
#define MODEL_CALLS_AT_LEAST 1  /* calls are few, and one that took five seconds is one that somebody waited for */
#define MODEL_FAILURE_SHARE 0.5 /* the breaker's business starts there; single failures are retried */
#define MODEL_FAILURES_AT_LEAST 2
#define BUDGET_SHARE 0.8     /* time enough to raise it: at an even pace the rest lasts five hours */
#define RETRIES_AT_LEAST 5   /* in the sample: more, and more than were done, isn't a hiccup */
#define RETRYING_AT_LEAST 20 /* jobs that wait for another try */
#define FAILED_SHARE (1 - OBJECTIVE_JOBS_DONE)
#define FAILED_ALIKE 10.0   /* of one type and error: whatever their share, that is a bug and not chance */
#define BACKLOG_AT_LEAST 20 /* due jobs: fewer are gone in the time that looking at them takes */
#define BACKLOG_AGE 60.0    /* a committed job starts within 50 ms on an idle worker */
#define BACKLOG_GROWTH 5.0  /* jobs within the sample, and 5 % */
#define CLOCK_SKEW 10.0     /* a Date has whole seconds, and an answer may take two */
#define TOKENS_REFUSED_SHARE 0.5
#define TOKENS_REFUSED 20.0     /* fewer, where nobody was started anew, are visitors without an account */
#define STALE_AGE 600.0         /* five times the two minutes that a digest may take */
#define NOTIFICATION_LAG 60.0   /* they are written with what they tell of; a minute late is not at all */
#define REFUSALS_PER_SECOND 5.0 /* somebody who refreshes a page makes one or two */
#define REFUSALS_IN_SAMPLE 100.0

#endif
