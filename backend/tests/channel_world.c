#include "channel_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "sys/db/metrics.h"
#include "sys/log.h"

#define ONE_PART(statement)                                                \
    .part = statement, .part_count = 1, .parts = (const struct sql_part[]) \
    {{.text = ""}}

const struct sql_statement sql_statements[SQL_COUNT] = {
    [READ] = {.params = 1, ONE_PART(READ)},
    [OTHER_READ] = {.params = 1, ONE_PART(OTHER_READ)},
    [WRITE] = {.params = 1, .writes = true, ONE_PART(WRITE)},
    [CLAIM] = {.params = 1, .writes = true, ONE_PART(CLAIM)},
    [SQL_PERSONAS_LOCK] = {.params = 1, ONE_PART(SQL_PERSONAS_LOCK)},
    [LOCKED_WRITE] = {.params = 1, .writes = true, .first = SQL_PERSONAS_LOCK, ONE_PART(LOCKED_WRITE)},
    [PARTED_READ] = {.params = 1,
                     .part = PARTED_READ,
                     .part_count = 2,
                     .parts =
                         (const struct sql_part[]){{.text = "", .form = SQL_VERDICT}, {.text = "", .form = SQL_LIST}}},
    [SQL_TRANSACTIONS_ONE_SNAPSHOT] = {ONE_PART(SQL_TRANSACTIONS_ONE_SNAPSHOT)},
    [SQL_POOLER_BEGIN] = {.params = 1, ONE_PART(SQL_POOLER_BEGIN)},
};

struct channel *channel;
int open_calls;
static char ended[1 << 14];

static void note_end(const char *param, enum db_outcome outcome)
{
    static const char *const names[] = {"ok", "failed", "refused", "timed out", "busy", "away", "lost"};
    size_t len = strlen(ended);
    snprintf(ended + len, sizeof ended - len, "%s%s:%s", len ? " " : "", param, names[outcome]);
}

static void call_done(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    (void)rows;
    note_end(ctx, outcome);
}

static void call_refused(void *ctx, struct db_call *call, enum db_outcome why)
{
    assert_ptr_equal(ctx, &channel);
    call_finish(call, why);
}

static struct db_call *ask_behind(enum sql before, const char *before_param, enum sql statement, const char *param)
{
    struct db_call *call = must_calloc(1, sizeof *call + 2 * sizeof(char *));
    *call = (struct db_call){.statement = statement,
                             .before = before,
                             .before_params = call->params + 1,
                             .done = call_done,
                             .ctx = (void *)(uintptr_t)param,
                             .open_calls = &open_calls};
    call->params[0] = param;
    call->params[1] = before_param;
    open_calls++;
    channel_queue(channel, call);
    return call;
}

struct db_call *ask(enum sql statement, const char *param)
{
    return ask_behind(SQL_NONE, NULL, statement, param);
}

struct db_call *ask_with_claim(enum sql statement, const char *claim, const char *param)
{
    return ask_behind(CLAIM, claim, statement, param);
}

const char *ends(void)
{
    static char text[sizeof ended];
    memcpy(text, ended, sizeof text);
    *ended = '\0';
    return text;
}

static void open_channel(struct db_config config)
{
    postgres_start();
    *ended = '\0';
    config.query_timeout_ms = TIMEOUT_MS;
    channel = channel_open(NULL, &config, call_refused, &channel);
    postgres_up();
}

int with_channel(void **state)
{
    (void)state;
    open_channel((struct db_config){0});
    return 0;
}

int with_reads_channel(void **state)
{
    (void)state;
    open_channel((struct db_config){.reads_only = true});
    return 0;
}

int with_pooled_channel(void **state)
{
    (void)state;
    open_channel((struct db_config){.pooled = true});
    return 0;
}

int close_channel(void **state)
{
    (void)state;
    channel_close(channel);
    open_calls = 0;
    return 0;
}

void run_turns(void)
{
    do {
        channel_send(channel);
        postgres_answer_all();
    } while (channel_load(channel) > 0);
}

const char *numbered(int n)
{
    static char texts[1024][8];
    snprintf(texts[n], sizeof texts[n], "%d", n);
    return texts[n];
}

void drop(struct db_call *call)
{
    call->done = NULL;
    call->dropped = true;
}

/* ---- what calls and channels tell ---- */

void loop_again(struct loop *loop)
{
    (void)loop;
}

void rows_hand_over(const struct db_given *given, db_done *done, void *ctx, enum db_outcome outcome)
{
    (void)given;
    if (done)
        done(ctx, outcome, NULL);
}

void db_observe_query(enum sql statement, uint64_t ns)
{
    (void)statement, (void)ns;
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields)
{
    (void)level, (void)msg, (void)fields;
}

void db_count_error(const char *sqlstate)
{
    (void)sqlstate;
}
