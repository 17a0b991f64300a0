#include <stdio.h>
#include <string.h>

#include "api/live/hub_parts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "sys/log.h"

enum { RETRY_MS = 250 };

static const struct {
    enum sql sql;
    bool (*take)(struct live_hub *, struct tracked *, const struct db_rows *, int first, int count);
} kinds[LOOK_KINDS] = {[LOOK_POSTS] = {SQL_LIVE_POSTS, post_take}, [LOOK_USERS] = {SQL_LIVE_USERS, user_take}};

/* ---- asking ---- */

/* The first look goes back further, as this machine's clock may be another than the database's. */
int64_t look_since(const struct live_hub *hub, int64_t looked_us)
{
    static const int64_t clocks_differ_us = 60 * 1000000;
    return looked_us ? looked_us - hub->slack_us : clock_unix_us() - hub->slack_us - clocks_differ_us;
}

struct look_params { /* three arrays of Postgres */
    struct buf ids, since, seen;
};

/* A digest's id has its time behind a blank: it isn't passed on, as digests are few. */
static void add_seen(struct look_params *params, const struct tracked *t)
{
    for (int i = 0; i < t->seen.count; i++)
        if (!strchr(t->seen.items[i].id, ' '))
            buf_printf(&params->seen, "%s%s", params->seen.len > 1 ? "," : "", t->seen.items[i].id);
}

static void add_tracked(const struct live_hub *hub, struct look_params *params, const struct look *look, int i)
{
    char id[UUID_SIZE];
    const struct tracked *t = look->what[i];
    live_key_write(id, &t->topic.key);
    buf_printf(&params->ids, "%s%s", i ? "," : "{", id);
    buf_printf(&params->since, "%s%lld", i ? "," : "{", (long long)look_since(hub, t->looked_us));
    add_seen(params, t);
}

static void on_look(void *ctx, enum db_outcome outcome, struct db_rows *rows);

static void look_send(struct live_hub *hub, struct look *look)
{
    struct arena *arena = arena_new();
    struct look_params params = {buf_new(arena), buf_new(arena), buf_new(arena)};
    buf_str(&params.seen, "{");
    for (int i = 0; i < look->count; i++)
        add_tracked(hub, &params, look, i);
    buf_str(&params.ids, "}");
    buf_str(&params.since, "}");
    buf_str(&params.seen, "}");
    look->call = db_query(hub->db, kinds[look->kind].sql,
                          (const char *[]){params.ids.text, params.since.text, params.seen.text}, on_look, look);
    arena_free(arena);
}

static void look_begin(struct live_hub *hub, struct look *look)
{
    struct tracked *t;
    look->count = 0;
    while (look->count < LOOK_MAX && (t = TAILQ_FIRST(&look->dirty))) {
        TAILQ_REMOVE(&look->dirty, t, dirty);
        t->is_dirty = false;
        t->is_in_look = true;
        look->what[look->count++] = t;
    }
    look_send(hub, look);
}

void looks_go_on(struct live_hub *hub)
{
    for (enum look_kind kind = LOOK_POSTS; kind < LOOK_KINDS; kind++)
        if (!hub->looks[kind].call && !TAILQ_EMPTY(&hub->looks[kind].dirty) && !timer_is_set(hub->retry_timer))
            look_begin(hub, &hub->looks[kind]);
}

/* ---- what came ---- */

static int rows_about(const struct db_rows *rows, int first)
{
    const char *id = db_text(rows, first, 0);
    int count = 1;
    while (first + count < db_count(rows) && strcmp(db_text(rows, first + count, 0), id) == 0)
        count++;
    return count;
}

/* There are rows for each that was asked for, in the order of the question. */
static void look_take(struct live_hub *hub, struct look *look, const struct db_rows *rows)
{
    int row = 0;
    for (int i = 0; i < look->count && row < db_count(rows); i++) {
        struct tracked *t = look->what[i];
        int count = rows_about(rows, row);
        t->is_in_look = false;
        if (kinds[look->kind].take(hub, t, rows, row, count))
            hub_want_look(hub, t);
        row += count;
    }
}

static void look_failed(struct live_hub *hub, struct look *look)
{
    for (int i = 0; i < look->count; i++) {
        look->what[i]->is_in_look = false;
        hub_want_look(hub, look->what[i]);
    }
    hub_refuse_waiting(hub, REFUSED_NO_DATABASE);
    timer_set(hub->retry_timer, RETRY_MS);
}

static void on_look(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct look *look = ctx;
    struct live_hub *hub = look->hub;
    look->call = NULL;
    if (db_is_new_trouble(outcome, rows, &look->in_trouble))
        log_warn("live_look_failed", log_str("query", sql_statements[kinds[look->kind].sql].name),
                 log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    if (outcome == DB_OK)
        look_take(hub, look, rows);
    else
        look_failed(hub, look);
    hub_begin_known(hub);
    looks_go_on(hub);
}

void looks_stop(struct live_hub *hub)
{
    for (enum look_kind kind = LOOK_POSTS; kind < LOOK_KINDS; kind++)
        if (hub->looks[kind].call)
            db_drop(hub->looks[kind].call);
}
