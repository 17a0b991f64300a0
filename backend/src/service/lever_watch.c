#include "service/lever_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/levers.h"
#include "llm/llm.h"
#include "service/journal.h"
#include "sys/log.h"

static const uint64_t never = UINT64_MAX;

struct held { /* this process's state of a lever */
    /* The version of the row that was read last; a row that was refused or has expired isn't read
     * again. */
    int64_t version;
    bool in_force;
    int64_t value;
    uint64_t ends; /* loop time */
};

struct lever_watch {
    struct loop *loop;
    const struct config *config;
    loop_fn *changed;
    void *ctx;
    struct timer *end_timer;
    bool has_changed;
    struct held held[LEVERS];
};

/* ---- a lever's change ---- */

static void log_change(enum lever lever, int64_t old, int64_t new, const char *reason, const char *expires)
{
    char old_text[LEVER_TEXT], new_text[LEVER_TEXT];
    log_info("setting_changed", log_str("key", lever_key(lever)), log_str("old", lever_format(lever, old, old_text)),
             log_str("new", lever_format(lever, new, new_text)), log_str("reason", reason),
             log_str("expires", expires));
}

static void put_in_force(struct lever_watch *w, enum lever lever, int64_t value, const char *expires)
{
    struct held *held = &w->held[lever];
    log_change(lever, lever_value(lever, lever_configured(lever, w->config)), value, "set", expires);
    held->in_force = true;
    held->value = value;
    lever_set(lever, value);
    w->has_changed = true;
}

/* Every process sees it. */
static void note_expiry(enum lever lever, int64_t version)
{
    char id[LEVER_TEXT];
    snprintf(id, sizeof id, "lever %s %lld", lever_key(lever), (long long)version);
    journal_note_once(id, JOURNAL_LEVER, "%s expired: it is as configured again", lever_key(lever));
}

static void take_back(struct lever_watch *w, enum lever lever, const char *reason)
{
    struct held *held = &w->held[lever];
    if (!held->in_force)
        return;
    held->in_force = false;
    lever_clear(lever);
    log_change(lever, held->value, lever_configured(lever, w->config), reason, NULL);
    if (strcmp(reason, "expired") == 0)
        note_expiry(lever, held->version);
    w->has_changed = true;
}

/* A lever is for all processes, but this one may be unable to obey it: it may lack a provider's
 * key. */
static bool can_be_obeyed(const struct lever_watch *w, enum lever lever, int64_t value, struct err *err)
{
    return lever != LEVER_LLM_PROVIDER || llm_can_use(w->loop, w->config, (enum provider)value, err);
}

static void judge_row(struct lever_watch *w, enum lever lever, const char *text, const char *expires)
{
    int64_t value;
    struct err err;
    if (lever_parse(lever, text, &value, &err) && can_be_obeyed(w, lever, value, &err)) {
        put_in_force(w, lever, value, expires);
        return;
    }
    log_warn("setting_ignored", log_str("key", lever_key(lever)), log_str("error", err.text));
    take_back(w, lever, "replaced");
}

/* ---- the table's rows ---- */

/* Counted from now, not from when the statement was sent, so that a lever never ends here before
 * it ends by the database's clock. */
static uint64_t end_of_row(const struct lever_watch *w, const struct db_rows *rows, int row)
{
    return db_text(rows, row, STATE_EXPIRES_IN_MS)
               ? loop_now(w->loop) + (uint64_t)db_number(rows, row, STATE_EXPIRES_IN_MS) * NS_PER_MS
               : never;
}

static bool row_is_over(const struct db_rows *rows, int row)
{
    return db_text(rows, row, STATE_EXPIRES_IN_MS) && db_number(rows, row, STATE_EXPIRES_IN_MS) == 0;
}

static void follow_row(struct lever_watch *w, enum lever lever, const struct db_rows *rows, int row)
{
    struct held *held = &w->held[lever];
    int64_t version = row < 0 ? 0 : db_number(rows, row, STATE_VERSION);
    if (row < 0 || row_is_over(rows, row)) {
        take_back(w, lever, row < 0 ? "unset" : "expired");
    } else if (version != held->version) {
        held->ends = end_of_row(w, rows, row);
        judge_row(w, lever, db_text(rows, row, STATE_VALUE), db_text(rows, row, STATE_EXPIRES_AT));
    } else if (held->in_force) {
        held->ends = end_of_row(w, rows, row);
    }
    held->version = version;
}

static int row_of_lever(const struct db_rows *rows, enum lever lever)
{
    for (int row = 0; row < db_count(rows); row++) {
        const char *key = db_text(rows, row, STATE_KEY);
        if (key && strcmp(key, lever_key(lever)) == 0)
            return row;
    }
    return -1;
}

/* ---- ends ---- */

static void plan_next_end(struct lever_watch *w)
{
    uint64_t now = loop_now(w->loop), next = never;
    for (enum lever lever = 0; lever < LEVERS; lever++)
        if (w->held[lever].in_force)
            next = MIN(next, w->held[lever].ends);
    if (next == never)
        timer_stop(w->end_timer);
    else
        timer_set(w->end_timer, next > now ? (next - now) / NS_PER_MS + 1 : 0);
}

static void tell_if_changed(struct lever_watch *w)
{
    plan_next_end(w);
    if (w->has_changed && w->changed)
        w->changed(w->ctx);
    w->has_changed = false;
}

static void end_those_over(void *ctx)
{
    struct lever_watch *w = ctx;
    for (enum lever lever = 0; lever < LEVERS; lever++)
        if (w->held[lever].ends <= loop_now(w->loop))
            take_back(w, lever, "expired");
    tell_if_changed(w);
}

/* ---- reading the table ---- */

static void lever_watch_on_state(void *ctx, const struct db_rows *rows)
{
    struct lever_watch *w = ctx;
    for (enum lever lever = 0; lever < LEVERS; lever++)
        follow_row(w, lever, rows, row_of_lever(rows, lever));
    tell_if_changed(w);
}

struct lever_watch *lever_watch_start(struct loop *loop, struct state_watch *state, const struct config *config,
                                      loop_fn *changed, void *ctx)
{
    struct lever_watch *w = must_calloc(1, sizeof *w);
    *w = (struct lever_watch){.loop = loop, .config = config, .changed = changed, .ctx = ctx};
    w->end_timer = timer_new(loop, end_those_over, w);
    state_watch_tell(state, lever_watch_on_state, w);
    return w;
}

void lever_watch_stop(struct lever_watch *w)
{
    timer_free(w->end_timer);
    free(w);
}
