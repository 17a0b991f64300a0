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
    EMPTY_MAX = 8, /* empty results in a row; libpq ends a statement with one */
    /* beyond statement_timeout: then the server or the network is gone */
    STALL_GRACE_MS = 3000,
    STALL_GRACE_AMONG_MS = 1000, /* where there are others to go to */
};

struct channel {
    struct loop *loop;
    struct lane *lane;
    refuse_fn *refuse;
    void *refuse_ctx;
    uint64_t timeout_ms;               /* statement_timeout */
    bool reads_only;                   /* whose transactions see one snapshot by themselves */
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

/* A part of a statement on its way. */
struct outgoing {
    struct db_call *call;
    const struct sql_statement *statement;
    int part; /* of the statement, from 0 */
    const char *const *params;
    int kind; /* FIRST or PART */
};

static bool channel_prepare(struct channel *ch, const struct outgoing *out, char name[static PLAN_NAME_SIZE])
{
    enum { TYPE_TEXT = 25 }; /* pg_type.dat */
    int number = out->statement->part + out->part;
    bool prepared = plans_has(&ch->plans, number);
    if (!prepared)
        plans_add(&ch->plans, number);
    plans_name(&ch->plans, number, name);
    if (prepared)
        return true;
    const struct sql_part *part = &out->statement->parts[out->part];
    Oid types[SQL_MAX_PARAMS] = {0}; /* the server finds out, but for what the part doesn't use */
    for (int i = 0; i < out->statement->params; i++)
        types[i] = part->unused >> i & 1 ? TYPE_TEXT : 0;
    return PQsendPrepare(lane_conn(ch->lane), name, part->text, out->statement->params, types) &&
           expect(ch, (struct expected){.kind = PREPARE, .prepared = number, .call = out->call});
}

static bool is_binary(const struct sql_part *part)
{
    return part->form != SQL_ROWS;
}

static bool channel_execute(struct channel *ch, const struct outgoing *out)
{
    char name[PLAN_NAME_SIZE];
    return channel_prepare(ch, out, name) &&
           PQsendQueryPrepared(lane_conn(ch->lane), name, out->statement->params, out->params, NULL, NULL,
                               is_binary(&out->statement->parts[out->part])) &&
           expect(ch, (struct expected){.kind = out->kind, .call = out->call, .writes = call_writes(out->call)});
}

/* A statement that goes before the call's own. */
static bool channel_execute_first(struct channel *ch, struct db_call *call, enum sql first, const char *const *params)
{
    return channel_execute(
        ch, &(struct outgoing){.call = call, .statement = &sql_statements[first], .params = params, .kind = FIRST});
}

static bool channel_execute_parts(struct channel *ch, struct db_call *call)
{
    struct outgoing out = {
        .call = call, .statement = &sql_statements[call->statement], .params = call->params, .kind = PART};
    for (; out.part < out.statement->part_count; out.part++)
        if (!channel_execute(ch, &out))
            return false;
    return true;
}

static bool channel_sync(struct channel *ch, struct db_call *write)
{
    return PQpipelineSync(lane_conn(ch->lane)) &&
           expect(ch, (struct expected){.kind = SYNC, .call = write, .writes = write});
}

/* Whether the reads that share the transaction of `first` have to be told to see one snapshot: one
 * of them has several parts. */
static bool needs_one_snapshot(const struct channel *ch, const struct db_call *first)
{
    bool has_parts = !call_writes(first) && sql_statements[first->statement].part_count > 1;
    bool shared = call_shares_transaction(first);
    for (const struct db_call *next = ch->queue.first; shared && next && call_shares_transaction(next);
         next = next->next)
        has_parts |= sql_statements[next->statement].part_count > 1;
    return has_parts && !ch->reads_only;
}

/* Begins a transaction; behind a pooler with the settings that a direct connection has. */
static bool channel_begin(struct channel *ch, struct db_call *call)
{
    plans_begin_transaction(&ch->plans);
    return (!needs_one_snapshot(ch, call) || channel_execute_first(ch, call, SQL_TRANSACTIONS_ONE_SNAPSHOT, NULL)) &&
           (!ch->plans.pooled || channel_execute_first(ch, call, SQL_POOLER_BEGIN, (const char *[]){ch->settings}));
}

/* One call; *open_reads says whether reads before it still wait for their sync. */
static bool channel_send_call(struct channel *ch, struct db_call *call, bool *open_reads)
{
    const struct sql_statement *statement = &sql_statements[call->statement];
    call->sent_at = clock_ns();
    calls_push(&ch->sent, call);
    ch->writes_ahead += call_writes(call);
    if (call_shares_transaction(call)) {
        bool begun = *open_reads || channel_begin(ch, call);
        *open_reads = true;
        return begun && channel_execute_parts(ch, call);
    }
    if (*open_reads && !channel_sync(ch, NULL))
        return false;
    *open_reads = false;
    return channel_begin(ch, call) &&
           (!call->before || channel_execute_first(ch, call, call->before, call->before_params)) &&
           (!statement->first || channel_execute_first(ch, call, statement->first, call->params)) &&
           channel_execute_parts(ch, call) && channel_sync(ch, call_writes(call) ? call : NULL);
}

/* Whether the next call may go out now. A pooler gets one transaction at a time, the next after
 * its answer: PgBouncer takes the server connection away at each "ready for query", also when it
 * has passed on the beginning of our next transaction by then (it reads 4 KiB at a time). The
 * rest goes to another server connection, and the next client there gets our statements into its
 * transaction, and our answers. */
static bool may_send(const struct channel *ch, bool open_reads)
{
    /* Sync; begin, `before` and `first` of a write or one_snapshot of a read, and parts, each with
     * its preparation; sync. */
    enum { MOST_PER_CALL = 2 + 2 * (3 + SQL_PARTS_MAX) };
    if (!ring_has_room(&ch->ring, MOST_PER_CALL) ||
        (call_writes(ch->queue.first) && ch->writes_ahead == WRITES_AHEAD_MAX))
        return false;
    return !ch->plans.pooled || (open_reads ? call_shares_transaction(ch->queue.first) : ring_count(&ch->ring) == 0);
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
    call_clear(call);
    call->alone = true;
    channel_queue(ch, call);
    loop_again(ch->loop);
}

/* Takes the call off the sent ones: calls end in the order in which they were sent. */
static void take_sent(struct channel *ch, const struct db_call *call)
{
    const struct db_call *oldest = calls_pop(&ch->sent);
    INVARIANT(oldest == call);
}

static void forget_plans(struct channel *ch, enum sql statement)
{
    for (int part = 0; part < sql_statements[statement].part_count; part++)
        plans_forget(&ch->plans, sql_statements[statement].part + part);
}

/* It comes in the order of the answers, so it is about the oldest that is awaited. */
static void channel_on_notice(void *ctx, const PGresult *notice)
{
    struct channel *ch = ctx;
    if (ring_count(&ch->ring) == 0)
        return;
    struct expected e = ring_oldest(&ch->ring);
    if (e.writes)
        call_on_notice(e.call, notice);
}

/* All answers to the call are there. Where the server says that the connection ends, the call ends
 * with all others that were sent. One that is read-only is left: behind the same address another
 * server may take changes by now. */
static void settle(struct channel *ch, struct db_call *call)
{
    enum db_outcome outcome = call_outcome(call);
    if (outcome == DB_LOST && call->failure) {
        lane_break(ch->lane, PQresultErrorMessage(call->failure));
        return;
    }
    bool is_read_only = call_writes(call) && call_met_read_only(call);
    take_sent(ch, call);
    ch->writes_ahead -= call_writes(call);
    if (!call->retried && call_has_stale_plan(call)) {
        call->retried = true;
        forget_plans(ch, call->statement);
        forget_plans(ch, sql_statements[call->statement].first);
        forget_plans(ch, call->before);
        forget_plans(ch, SQL_TRANSACTIONS_ONE_SNAPSHOT);
        send_again(ch, call);
    } else {
        call_finish(call, outcome);
    }
    if (is_read_only)
        lane_renew(ch->lane);
}

static void channel_on_part(struct channel *ch, struct db_call *call, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        call->results[call->answered] = result;
    } else if (status != PGRES_PIPELINE_ABORTED) {
        call_keep_failure(call, result);
    } else {
        PQclear(result);
        call->aborted = true;
    }
    if (++call->answered < sql_statements[call->statement].part_count || call_writes(call))
        return; /* a write waits for its commit */
    if (call->aborted && !call->failure) {
        take_sent(ch, call);
        send_again(ch, call); /* a neighbour's error ended our transaction */
    } else {
        settle(ch, call);
    }
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
        call_keep_failure(e->call, result);
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
            call_keep_failure(write, result);
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
    else if (e->kind == PART)
        channel_on_part(ch, e->call, result);
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
    uint64_t patience_ms = ch->timeout_ms + (lane_has_others(ch->lane) ? STALL_GRACE_AMONG_MS : STALL_GRACE_MS);
    if (ring_count(&ch->ring) > 0 && loop_now(ch->loop) > ch->progress_at + patience_ms * NS_PER_MS)
        lane_leave_silent(ch->lane, "timed out: no answer from the server", ch->progress_at);
    else
        lane_check(ch->lane);
}

struct channel *channel_open(struct loop *loop, const struct db_config *config, refuse_fn *refuse, void *ctx)
{
    static const struct lane_owner owner = {
        .up = channel_up, .input = read_results, .down = channel_down, .notice = channel_on_notice};
    struct channel *ch = must_calloc(1, sizeof *ch);
    ch->loop = loop;
    ch->refuse = refuse;
    ch->refuse_ctx = ctx;
    ch->plans.pooled = config->pooled;
    ch->reads_only = config->reads_only;
    lane_settings(ch->settings, config->query_timeout_ms);
    ch->timeout_ms = config->query_timeout_ms;
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

void channel_renew(struct channel *ch)
{
    lane_renew(ch->lane);
}

bool channel_is_up(const struct channel *ch)
{
    return lane_conn(ch->lane) != NULL;
}

bool channel_is_on(const struct channel *ch, enum server_role role)
{
    return lane_is_on(ch->lane, role);
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
