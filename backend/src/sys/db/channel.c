#include "sys/db/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/lane.h"
#include "sys/db/plans.h"
#include "sys/db/ring.h"

enum {
    /* writes sent and not committed: what is sent can't be taken back, so few may stand behind one
     * that waits for a lock */
    WRITES_AHEAD_MAX = 8,
    EMPTY_MAX = 8,         /* empty results in a row; libpq ends a statement with one */
    STALL_GRACE_MS = 3000, /* beyond statement_timeout: then the server or the network is gone */
};

struct channel {
    struct loop *loop;
    struct lane *lane;
    refuse_fn *refuse;
    void *refuse_ctx;
    uint64_t patience_ns;
    char settings[LANE_SETTINGS_SIZE]; /* for pooler/begin */
    struct calls queue, sent;          /* sent: in the order in which they end */
    int queued, writes_ahead;
    struct ring ring;
    struct plans plans;
    uint64_t progress_at;
};

void channel_queue(struct channel *ch, struct db_call *call)
{
    calls_push(&ch->queue, call);
    ch->queued++;
}

static bool expect(struct channel *ch, struct expected e)
{
    ring_add(&ch->ring, e);
    return true;
}

static bool channel_prepare(struct channel *ch, struct db_call *call, enum sql statement)
{
    if (plans_has(&ch->plans, statement))
        return true;
    char name[PLAN_NAME_SIZE];
    plans_add(&ch->plans, statement);
    plans_name(&ch->plans, statement, name);
    return PQsendPrepare(lane_conn(ch->lane), name, sql_statements[statement].text, 0, NULL) &&
           expect(ch, (struct expected){.kind = PREPARE, .prepared = statement, .call = call});
}

static bool channel_execute(struct channel *ch, struct db_call *call, enum sql statement, const char *const *params,
                            int kind)
{
    char name[PLAN_NAME_SIZE];
    if (!channel_prepare(ch, call, statement))
        return false;
    plans_name(&ch->plans, statement, name);
    return PQsendQueryPrepared(lane_conn(ch->lane), name, sql_statements[statement].params, params, NULL, NULL, 0) &&
           expect(ch, (struct expected){.kind = kind, .call = call});
}

static bool channel_sync(struct channel *ch, struct db_call *write)
{
    return PQpipelineSync(lane_conn(ch->lane)) && expect(ch, (struct expected){.kind = SYNC, .call = write});
}

static bool is_write(const struct db_call *call)
{
    return sql_statements[call->statement].writes;
}

/* Whether the call is a read that shares a transaction with its neighbours. */
static bool shares_transaction(const struct db_call *call)
{
    return !is_write(call) && !call->alone;
}

/* Begins a transaction; behind a pooler with the settings that a direct connection has. */
static bool channel_begin(struct channel *ch, struct db_call *call)
{
    plans_begin_transaction(&ch->plans);
    return !ch->plans.pooled || channel_execute(ch, call, SQL_POOLER_BEGIN, (const char *[]){ch->settings}, FIRST);
}

/* One call; *open_reads says whether reads before it still wait for their sync. */
static bool channel_send_call(struct channel *ch, struct db_call *call, bool *open_reads)
{
    const struct sql_statement *statement = &sql_statements[call->statement];
    call->sent_at = clock_ns();
    calls_push(&ch->sent, call);
    ch->writes_ahead += is_write(call);
    if (shares_transaction(call)) {
        bool begun = *open_reads || channel_begin(ch, call);
        *open_reads = true;
        return begun && channel_execute(ch, call, call->statement, call->params, STATEMENT);
    }
    if (*open_reads && !channel_sync(ch, NULL))
        return false;
    *open_reads = false;
    return channel_begin(ch, call) &&
           (!statement->first || channel_execute(ch, call, statement->first, call->params, FIRST)) &&
           channel_execute(ch, call, call->statement, call->params, STATEMENT) &&
           channel_sync(ch, is_write(call) ? call : NULL);
}

/* Whether the next call may go out now. A pooler gets one transaction at a time, the next after
 * its answer: PgBouncer takes the server connection away at each "ready for query", also when it
 * has passed on the beginning of our next transaction by then (it reads 4 KiB at a time). The
 * rest goes to another server connection, and the next client there gets our statements into its
 * transaction, and our answers. */
static bool may_send(const struct channel *ch, bool open_reads)
{
    /* A write behind open reads: sync, 2 × prepare and execute, sync. A read takes less, so there
     * is room for its sync, too. A pooled transaction begins with nothing in flight. */
    enum { MOST_PER_CALL = 6 };
    if (!ring_has_room(&ch->ring, MOST_PER_CALL) || (is_write(ch->queue.first) && ch->writes_ahead == WRITES_AHEAD_MAX))
        return false;
    return !ch->plans.pooled || (open_reads ? shares_transaction(ch->queue.first) : ring_count(&ch->ring) == 0);
}

static void forget_dropped(struct channel *ch)
{
    while (ch->queue.first && ch->queue.first->dropped) {
        ch->queued--;
        call_forget(calls_pop(&ch->queue));
    }
}

void channel_send(struct channel *ch)
{
    bool sent = true, open_reads = false;
    forget_dropped(ch);
    if (!lane_conn(ch->lane) || !ch->queue.first || !may_send(ch, false))
        return;
    if (ring_count(&ch->ring) == 0)
        ch->progress_at = loop_now(ch->loop);
    while (sent && ch->queue.first && may_send(ch, open_reads)) {
        ch->queued--;
        sent = channel_send_call(ch, calls_pop(&ch->queue), &open_reads);
        forget_dropped(ch);
    }
    if (sent && open_reads)
        sent = channel_sync(ch, NULL);
    if (!sent)
        lane_break(ch->lane, PQerrorMessage(lane_conn(ch->lane)));
    else
        lane_flush(ch->lane);
}

static void send_again(struct channel *ch, struct db_call *call)
{
    PQclear(call->failure);
    call->failure = NULL;
    call->alone = true;
    channel_queue(ch, call);
    loop_again(ch->loop);
}

/* The plan was made for a table that has changed since, or the connection doesn't know the
 * statement (its preparation was skipped). */
static bool is_stale_plan(const PGresult *failure)
{
    const char *state = PQresultErrorField(failure, PG_DIAG_SQLSTATE);
    return state && (strcmp(state, "26000") == 0 ||
                     (strcmp(state, "0A000") == 0 && strstr(PQresultErrorMessage(failure), "cached plan")));
}

static enum db_outcome outcome_of(const PGresult *failure)
{
    const char *state = PQresultErrorField(failure, PG_DIAG_SQLSTATE);
    if (state && (strcmp(state, "57014") == 0 || strcmp(state, "55P03") == 0))
        return DB_TIMED_OUT;
    if (state && (strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0))
        return DB_LOST; /* the server shuts down or ended this connection, or a pooler lost its own */
    return DB_FAILED;
}

/* Takes the call off the sent ones: calls end in the order in which they were sent. */
static void take_sent(struct channel *ch, const struct db_call *call)
{
    const struct db_call *oldest = calls_pop(&ch->sent);
    INVARIANT(oldest == call);
}

static void settle(struct channel *ch, struct db_call *call)
{
    take_sent(ch, call);
    ch->writes_ahead -= is_write(call);
    if (!call->failure) {
        call_finish(call, DB_OK);
    } else if (!call->retried && is_stale_plan(call->failure)) {
        call->retried = true;
        plans_forget(&ch->plans, call->statement);
        plans_forget(&ch->plans, sql_statements[call->statement].first);
        send_again(ch, call);
    } else {
        call_finish(call, outcome_of(call->failure));
    }
}

static void keep_failure(struct db_call *call, PGresult *result)
{
    if (call->failure)
        PQclear(result);
    else
        call->failure = result;
}

static void channel_on_statement(struct channel *ch, struct db_call *call, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        call->rows = result;
    } else if (status != PGRES_PIPELINE_ABORTED) {
        keep_failure(call, result);
    } else {
        PQclear(result);
        if (!call->failure && !is_write(call)) {
            take_sent(ch, call);
            send_again(ch, call); /* a neighbour's error ended our transaction */
            return;
        }
    }
    if (!is_write(call))
        settle(ch, call); /* a write waits for its commit */
}

static void channel_on_preparation(struct channel *ch, const struct expected *e, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        PQclear(result);
        return;
    }
    if (e->kind == PREPARE)
        plans_forget(&ch->plans, e->prepared);
    if (status == PGRES_PIPELINE_ABORTED)
        PQclear(result);
    else
        keep_failure(e->call, result);
}

static void advance(struct channel *ch)
{
    ring_advance(&ch->ring);
    ch->progress_at = loop_now(ch->loop);
}

static void on_sync(struct channel *ch, struct db_call *write, PGresult *result)
{
    /* the commit itself failed: a deferred constraint */
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
        if (write)
            keep_failure(write, result);
        else
            PQclear(result);
        return;
    }
    PQclear(result);
    advance(ch);
    lane_proved(ch->lane);
    if (write)
        settle(ch, write);
}

static void on_result(struct channel *ch, const struct expected *e, PGresult *result)
{
    if (e->kind == SYNC)
        on_sync(ch, e->call, result);
    else if (e->kind == STATEMENT)
        channel_on_statement(ch, e->call, result);
    else
        channel_on_preparation(ch, e, result);
}

static void lose_connection(struct channel *ch, PGresult *result)
{
    char why[256];
    snprintf(why, sizeof why, "%s", result ? PQresultErrorMessage(result) : PQerrorMessage(lane_conn(ch->lane)));
    PQclear(result);
    lane_break(ch->lane, why);
}

static void read_results(void *ctx)
{
    struct channel *ch = ctx;
    PGconn *conn = lane_conn(ch->lane);
    int empty = 0; /* results in a row */
    while (conn && ring_count(&ch->ring) > 0 && !PQisBusy(conn)) {
        struct expected e = ring_oldest(&ch->ring);
        PGresult *result = PQgetResult(conn);
        if (PQstatus(conn) == CONNECTION_BAD) {
            lose_connection(ch, result);
            return;
        }
        empty = result ? 0 : empty + 1;
        if (result)
            on_result(ch, &e, result);
        else if (e.kind != SYNC)
            advance(ch);
        else if (empty >= EMPTY_MAX) {
            lane_break(ch->lane, "the server's answers are out of step");
            return;
        }
    }
}

static void channel_up(void *ctx)
{
    struct channel *ch = ctx;
    plans_forget_all(&ch->plans);
    if (!PQenterPipelineMode(lane_conn(ch->lane)))
        abort();
}

static void channel_down(void *ctx)
{
    struct channel *ch = ctx;
    ring_clear(&ch->ring);
    for (struct db_call *call; (call = calls_pop(&ch->sent));)
        ch->refuse(ch->refuse_ctx, call, DB_LOST);
    for (struct db_call *call; (call = calls_pop(&ch->queue));)
        ch->refuse(ch->refuse_ctx, call, DB_AWAY);
    ch->queued = ch->writes_ahead = 0;
}

/* statement_timeout ends every statement on the server; without progress for longer, the server is
 * gone. */
void channel_check_progress(struct channel *ch)
{
    if (ring_count(&ch->ring) > 0 && loop_now(ch->loop) > ch->progress_at + ch->patience_ns)
        lane_break(ch->lane, "timed out: no answer from the server");
}

struct channel *channel_open(struct loop *loop, const struct db_config *config, refuse_fn *refuse, void *ctx)
{
    static const struct lane_owner owner = {.up = channel_up, .input = read_results, .down = channel_down};
    struct channel *ch = must_calloc(1, sizeof *ch);
    ch->loop = loop;
    ch->refuse = refuse;
    ch->refuse_ctx = ctx;
    ch->plans.pooled = config->pooled;
    lane_settings(ch->settings, config->query_timeout_ms);
    ch->patience_ns = (config->query_timeout_ms + STALL_GRACE_MS) * NS_PER_MS;
    calls_init(&ch->queue);
    calls_init(&ch->sent);
    ch->lane = lane_open(loop, config, &owner, ch);
    return ch;
}

static void free_calls(struct calls *calls)
{
    for (struct db_call *call; (call = calls_pop(calls));)
        call_free(call);
}

void channel_close(struct channel *ch)
{
    free_calls(&ch->sent);
    free_calls(&ch->queue);
    lane_close(ch->lane);
    free(ch);
}

bool channel_is_up(const struct channel *ch)
{
    return lane_conn(ch->lane) != NULL;
}

bool channel_takes_calls(const struct channel *ch)
{
    return lane_is_hopeful(ch->lane);
}

const char *channel_why_down(const struct channel *ch)
{
    return lane_why_down(ch->lane);
}

int channel_load(const struct channel *ch)
{
    return ring_count(&ch->ring) + ch->queued;
}
