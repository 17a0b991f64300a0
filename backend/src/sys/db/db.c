#include "sys/db/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/db/channel.h"
#include "sys/db/listener.h"

enum { MAX_CONNECTIONS = 64 };

struct db {
    struct loop *loop;
    struct db_config config;
    struct channel *channels[MAX_CONNECTIONS];
    struct listener *listener; /* NULL: nobody listens */
    struct calls refused;
    int calls, slow_reads; /* open; of these, reads on the slow lane */
    struct timer *watchdog;
};

/* `own`, or another connection that is up where that one isn't: a read may go to any. */
static struct channel *channel_for_read(const struct db *db, struct channel *own)
{
    for (int i = 0; i < db->config.connections && !channel_is_up(own); i++)
        if (channel_is_up(db->channels[i]))
            return db->channels[i];
    return own;
}

/* Sends a read that lost its connection to another one, once. */
static bool db_move_read(struct db *db, struct db_call *call)
{
    struct channel *ch = channel_for_read(db, db->channels[0]);
    if (sql_statements[call->statement].writes || call->moved || call->dropped || !channel_is_up(ch))
        return false;
    call_clear(call);
    call->moved = true;
    channel_queue(ch, call);
    loop_again(db->loop);
    return true;
}

static void db_refuse(void *ctx, struct db_call *call, enum db_outcome why)
{
    struct db *db = ctx;
    if (why != DB_BUSY && db_move_read(db, call))
        return;
    call->refused = why;
    calls_push(&db->refused, call);
    loop_again(db->loop);
}

/* Delivered in a later turn: a callback must not come from inside db_query. */
static void db_deliver_refused(void *ctx)
{
    struct db *db = ctx;
    struct db_call *call = db->refused.first;
    calls_init(&db->refused);
    while (call) {
        struct db_call *next = call->next;
        call_finish(call, call->refused);
        call = next;
    }
}

static void db_send_all(void *ctx)
{
    struct db *db = ctx;
    for (int i = 0; i < db->config.connections; i++)
        channel_send(db->channels[i]);
}

/* After a failover the writes find the new server, and nothing would end the connection for reads
 * to a standby that lives on. */
static void leave_standby(struct db *db)
{
    bool one_writes = false;
    for (int i = 1; i < db->config.connections; i++)
        one_writes |= channel_is_on(db->channels[i], ROLE_PRIMARY);
    if (one_writes && channel_is_on(db->channels[0], ROLE_STANDBY))
        channel_renew(db->channels[0]);
}

static void db_check_progress(void *ctx)
{
    enum { EVERY_MS = 1000 };
    struct db *db = ctx;
    for (int i = 0; i < db->config.connections; i++)
        channel_check_progress(db->channels[i]);
    if (db->listener)
        listener_check(db->listener);
    leave_standby(db);
    timer_set(db->watchdog, EVERY_MS);
}

struct db *db_open(struct loop *loop, const struct db_config *config)
{
    struct db *db = must_calloc(1, sizeof *db);
    db->loop = loop;
    db->config = *config;
    db->config.connections = MIN(MAX(config->connections, 1), MAX_CONNECTIONS);
    calls_init(&db->refused);
    loop_each_turn(loop, TURN_ANSWER, db_deliver_refused, db);
    loop_each_turn(loop, TURN_SEND, db_send_all, db);
    for (int i = 0; i < db->config.connections; i++) {
        struct db_config of_one = db->config;
        of_one.reads_only = i == 0 && db->config.connections > 1 && !config->pooled;
        db->channels[i] = channel_open(loop, &of_one, db_refuse, db);
    }
    db->watchdog = timer_new(loop, db_check_progress, db);
    db_check_progress(db);
    return db;
}

void db_listen(struct db *db, const struct db_listen *how)
{
    if (db->config.pooled && !db->config.direct_url)
        return;
    struct db_config direct = db->config;
    direct.url = db->config.direct_url ? db->config.direct_url : db->config.url;
    direct.pooled = false;
    db->listener = listener_open(db->loop, &direct, how);
}

bool db_is_listening(const struct db *db)
{
    return db->listener && listener_is_up(db->listener);
}

bool db_hears(const struct db *db)
{
    return !db->listener || listener_hears(db->listener);
}

void db_close(struct db *db)
{
    for (int i = 0; i < db->config.connections; i++)
        channel_close(db->channels[i]);
    for (struct db_call *call; (call = calls_pop(&db->refused));)
        call_free(call);
    if (db->listener)
        listener_close(db->listener);
    timer_free(db->watchdog);
    free(db);
}

/* Reads go to the first connection, those that may take long to the last, and to any other while
 * that one is down. Writes, which wait for locks and commits, go to the least busy of the others,
 * the last among them while nothing long is under way there, or where it is the only one. */
static struct channel *channel_for(struct db *db, enum sql statement)
{
    int last = db->config.connections - 1;
    if (sql_statements[statement].slow_lane)
        return channel_for_read(db, db->channels[last]);
    if (last == 0 || !sql_statements[statement].writes)
        return channel_for_read(db, db->channels[0]);
    struct channel *best = db->channels[1];
    for (int i = 2; i <= (db->slow_reads ? last - 1 : last); i++) {
        struct channel *ch = db->channels[i];
        bool better = channel_is_up(ch) && (!channel_is_up(best) || channel_load(ch) < channel_load(best));
        best = better ? ch : best;
    }
    return best;
}

static size_t texts_size(const struct db_ask *ask)
{
    size_t size = 0;
    for (int i = 0; i < sql_statements[ask->statement].params; i++)
        size += ask->params[i] ? strlen(ask->params[i]) + 1 : 0;
    return size;
}

/* Copies the parameters to `to` and their texts to `at`; returns what follows the texts. */
static char *copy_params(const char **to, char *at, const struct db_ask *ask)
{
    for (int i = 0; i < sql_statements[ask->statement].params; i++) {
        to[i] = ask->params[i] ? at : NULL;
        if (to[i])
            at = stpcpy(at, ask->params[i]) + 1;
    }
    return at;
}

static struct db_call *call_new(struct db *db, const struct db_ask *before, const struct db_ask *ask)
{
    int n = sql_statements[ask->statement].params, n_before = sql_statements[before->statement].params;
    size_t texts = sizeof(struct db_call) + (size_t)(n + n_before) * sizeof(char *);
    struct db_call *call = must_alloc(texts + texts_size(ask) + texts_size(before));
    *call = (struct db_call){.open_calls = &db->calls, .statement = ask->statement, .before = before->statement};
    call->open_slow_reads = sql_statements[ask->statement].slow_lane ? &db->slow_reads : NULL;
    call->before_params = call->params + n;
    copy_params(call->params + n, copy_params(call->params, (char *)call + texts, ask), before);
    return call;
}

static struct db_call *db_send(struct db *db, struct db_call *call, db_done *done, void *ctx)
{
    struct channel *ch = channel_for(db, call->statement);
    bool full = db->calls++ >= db->config.queue_limit;
    db->slow_reads += call->open_slow_reads ? 1 : 0;
    call->done = done;
    call->ctx = ctx;
    if (full || !channel_takes_calls(ch)) {
        db_refuse(db, call, full ? DB_BUSY : DB_AWAY);
        return call;
    }
    channel_queue(ch, call);
    return call;
}

struct db_call *db_query(struct db *db, enum sql statement, const char *const *params, db_done *done, void *ctx)
{
    static const struct db_ask nothing = {.statement = SQL_NONE};
    return db_send(db, call_new(db, &nothing, &(struct db_ask){statement, params}), done, ctx);
}

struct db_call *db_query_behind(struct db *db, const struct db_ask *before, const struct db_ask *write, db_done *done,
                                void *ctx)
{
    INVARIANT(sql_statements[write->statement].writes);
    return db_send(db, call_new(db, before, write), done, ctx);
}

void db_tell(struct db *db, enum sql statement, const char *const *params)
{
    db_query(db, statement, params, NULL, NULL);
}

void db_drop(struct db_call *call)
{
    call->done = NULL;
    call->dropped = true;
}

void db_hand_over(struct db_call *call, db_done *done, void *ctx)
{
    call->done = done;
    call->ctx = ctx;
}

void db_renew(struct db *db)
{
    for (int i = db->config.connections > 1 ? 1 : 0; i < db->config.connections; i++)
        channel_renew(db->channels[i]);
}

bool db_is_up(const struct db *db)
{
    for (int i = 0; i < db->config.connections; i++)
        if (!channel_is_up(db->channels[i]))
            return false;
    return true;
}

const char *db_why_down(const struct db *db)
{
    for (int i = 0; i < db->config.connections; i++)
        if (!channel_is_up(db->channels[i]))
            return channel_why_down(db->channels[i]);
    return "";
}
