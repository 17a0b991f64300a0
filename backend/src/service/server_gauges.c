#include "service/server_gauges.h"

#include <stdlib.h>
#include <string.h>

#include "sys/metrics.h"

/* A promotion is seen soon; Prometheus asks less often. */
enum { EVERY_MS = 5000, FIRST_MS = 200 };

/* the columns of health/server */
enum {
    TAKEN,
    MOST,
    IN_RECOVERY,
    TIMELINE,
    STANDBYS,
    STANDBY_MISSING,
    LAG_SECONDS,
    LAG_BYTES,
    COMMITS_WAITING,
    GAUGES,
};

static const struct {
    const char *name, *help;
} gauge_texts[GAUGES] = {
    [TAKEN] = {"db_server_connections", "Connections to the server, everybody's."},
    [MOST] = {"db_server_connections_limit", "Connections that the server has for roles that are no superusers."},
    [IN_RECOVERY] = {"db_in_recovery", "Whether the server is a standby, which takes no writes."},
    [TIMELINE] = {"db_timeline", "The server's time line: another one with each promotion."},
    [STANDBYS] = {"db_standbys", "Standbys that are connected to the server."},
    [STANDBY_MISSING] = {"db_standby_missing", "Whether commits have to wait for a standby, and none is there."},
    [LAG_SECONDS] = {"db_replica_lag_seconds", "How far behind the slowest standby is; 0 where our role can't see it."},
    [LAG_BYTES] = {"db_replica_lag_bytes", "Of the log, what the slowest standby hasn't applied; likewise."},
    [COMMITS_WAITING] = {"db_commits_waiting", "Commits that have waited over a second for a standby."},
};

static struct metric *metrics[GAUGES];

struct server_gauges {
    struct db *db;
    struct timer *timer;
    struct db_call *call;
};

void server_gauges_metrics(void)
{
    for (int i = 0; i < GAUGES; i++)
        metrics[i] = metric_series(metric_family(METRIC_GAUGE, gauge_texts[i].name, gauge_texts[i].help, NULL), "");
}

/* A bool is t or f. */
static double value_of(const char *text)
{
    return !text ? 0 : strcmp(text, "t") == 0 ? 1 : strtod(text, NULL);
}

static void on_server(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct server_gauges *gauges = ctx;
    gauges->call = NULL;
    timer_set(gauges->timer, EVERY_MS);
    for (int i = 0; i < GAUGES && outcome == DB_OK; i++)
        metric_set(metrics[i], value_of(db_text(rows, 0, i)));
}

static void server_gauges_read(void *ctx)
{
    struct server_gauges *gauges = ctx;
    gauges->call = db_query(gauges->db, SQL_HEALTH_SERVER, NULL, on_server, gauges);
}

struct server_gauges *server_gauges_start(struct loop *loop, struct db *db)
{
    struct server_gauges *gauges = must_calloc(1, sizeof *gauges);
    gauges->db = db;
    gauges->timer = timer_new(loop, server_gauges_read, gauges);
    timer_set(gauges->timer, FIRST_MS);
    return gauges;
}

void server_gauges_stop(struct server_gauges *gauges)
{
    if (gauges->call)
        db_drop(gauges->call);
    timer_free(gauges->timer);
    free(gauges);
}
