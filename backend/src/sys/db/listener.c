#include "sys/db/listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/lane.h"
#include "sys/db/metrics.h"

struct listener {
    struct lane *lane;
    char *listen; /* the statement */
    struct db_listen how;
    char **params;  /* of how.on_connect, copied */
    int syncs_left; /* until it is up; -1: not connected */
    struct loop *loop;
    struct timer *beat;
    bool owes_beat; /* the server, a sign of life */
};

/* Nothing is ever sent but this once it is up, and the network tells nobody of a server that stands
 * still. The answer's end is its sync. */
static void listener_beat(void *ctx)
{
    struct listener *l = ctx;
    timer_set(l->beat, LISTENER_BEAT_MS);
    if (l->owes_beat) {
        lane_leave_silent(l->lane, "timed out: the listening session doesn't answer",
                          loop_now(l->loop) - LISTENER_BEAT_MS * NS_PER_MS);
        return;
    }
    if (!listener_is_up(l))
        return;
    l->owes_beat = true;
    if (!PQpipelineSync(lane_conn(l->lane)))
        lane_break(l->lane, PQerrorMessage(lane_conn(l->lane)));
    else
        lane_flush(l->lane);
}

static bool listener_send_on_connect(struct listener *l, PGconn *conn)
{
    const struct sql_statement *on_connect = &sql_statements[l->how.on_connect];
    return l->how.on_connect == SQL_NONE || (PQsendQueryParams(conn, on_connect->parts->text, on_connect->params, NULL,
                                                               (const char *const *)l->params, NULL, NULL, 0) &&
                                             PQpipelineSync(conn));
}

/* Listening comes first and by itself: the other statement may have to wait for a lock. */
static void listener_up(void *ctx)
{
    struct listener *l = ctx;
    PGconn *conn = lane_conn(l->lane);
    l->syncs_left = l->how.on_connect == SQL_NONE ? 1 : 2;
    if (!PQenterPipelineMode(conn) || !PQsendQueryParams(conn, l->listen, 0, NULL, NULL, NULL, NULL, 0) ||
        !PQpipelineSync(conn) || !listener_send_on_connect(l, conn))
        lane_break(l->lane, PQerrorMessage(conn));
    else
        lane_flush(l->lane);
}

/* The end of LISTEN, of the other statement, or of a beat. */
static void listener_on_sync(struct listener *l, bool *began)
{
    if (l->syncs_left == 0) {
        l->owes_beat = false;
        return;
    }
    l->syncs_left--;
    *began = true;
    db_set_listening(true);
    if (l->syncs_left == 0)
        lane_proved(l->lane);
}

/* What the server answers to our statements; libpq separates answers by NULL. False: one of them
 * failed; the connection is ended. */
static bool listener_take_answers(struct listener *l, PGconn *conn, bool *began)
{
    while ((l->syncs_left > 0 || l->owes_beat) && !PQisBusy(conn)) {
        PGresult *result = PQgetResult(conn);
        ExecStatusType status = result ? PQresultStatus(result) : PGRES_TUPLES_OK;
        char why[256] = "";
        bool failed = status == PGRES_FATAL_ERROR || PQstatus(conn) == CONNECTION_BAD;
        if (failed)
            snprintf(why, sizeof why, "%s", result ? PQresultErrorMessage(result) : PQerrorMessage(conn));
        PQclear(result);
        if (failed) {
            lane_break(l->lane, why);
            return false;
        }
        if (status == PGRES_PIPELINE_SYNC)
            listener_on_sync(l, began);
    }
    return true;
}

static void listener_tell(const struct listener *l, const char *payload)
{
    if (l->how.heard)
        l->how.heard(l->how.ctx, payload);
}

/* Calls `fn` after LISTEN was answered, too: earlier notifications were missed. */
static void listener_input(void *ctx)
{
    struct listener *l = ctx;
    PGconn *conn = lane_conn(l->lane);
    bool notified = false;
    if (!listener_take_answers(l, conn, &notified))
        return;
    if (notified)
        listener_tell(l, NULL);
    for (PGnotify *n; (n = PQnotifies(conn)); notified = true) {
        listener_tell(l, n->extra);
        PQfreemem(n);
    }
    if (notified && l->how.fn)
        l->how.fn(l->how.ctx);
}

static void listener_down(void *ctx)
{
    struct listener *l = ctx;
    l->syncs_left = -1;
    l->owes_beat = false;
    db_set_listening(false);
}

static char **copy_params(const struct db_listen *how)
{
    int n = sql_statements[how->on_connect].params;
    char **params = must_calloc((size_t)n + 1, sizeof *params);
    for (int i = 0; i < n; i++)
        params[i] = must_strdup(how->params[i]);
    return params;
}

struct listener *listener_open(struct loop *loop, const struct db_config *config, const struct db_listen *how)
{
    static const struct lane_owner owner = {
        .up = listener_up, .input = listener_input, .down = listener_down, .proves = true};
    struct listener *l = must_calloc(1, sizeof *l);
    char listen[80];
    snprintf(listen, sizeof listen, "LISTEN \"%s\"", how->channel);
    *l = (struct listener){
        .loop = loop, .listen = must_strdup(listen), .how = *how, .params = copy_params(how), .syncs_left = -1};
    l->lane = lane_open(loop, config, &owner, l);
    l->beat = timer_new(loop, listener_beat, l);
    timer_set(l->beat, LISTENER_BEAT_MS);
    return l;
}

void listener_close(struct listener *l)
{
    timer_free(l->beat);
    lane_close(l->lane);
    for (char **param = l->params; *param; param++)
        free(*param);
    free(l->params);
    free(l->listen);
    free(l);
}

void listener_check(struct listener *l)
{
    lane_check(l->lane);
}

bool listener_is_up(const struct listener *l)
{
    return l->syncs_left == 0;
}

bool listener_hears(const struct listener *l)
{
    const int syncs = l->how.on_connect == SQL_NONE ? 1 : 2;
    return l->syncs_left >= 0 && l->syncs_left < syncs;
}
