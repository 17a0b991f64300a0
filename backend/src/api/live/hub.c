#include "api/live/hub.h"

#include <stdlib.h>

#include "api/live/hub_parts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "service/live_tell.h"
#include "sys/crypto.h"
#include "sys/log.h"

enum {
    SWEEP_MS = 15000,
    SWEEP_DEAF_MS = 2000, /* where nothing can listen */
    TICK_MS = 100,
    TICK_MOST = 200, /* looks of a tick: beyond 30,000 tracked things a sweep takes longer */
    LINGER_MS = 60000,
    SLACK_LEAST_MS = 1000,
};

/* ---- what comes from the desks ---- */

static void hub_on_inbox(void *ctx)
{
    struct live_hub *hub = ctx;
    for (struct live_message *message; !hub->is_stopped && (message = inbox_take(&hub->inbox));) {
        if (message->word == WORD_JOIN)
            hub_join(hub, message->stream);
        else
            hub_leave(hub, message->stream);
        message_free(message);
    }
    if (hub->is_stopped)
        return;
    if (!timer_is_set(hub->sweep_timer))
        timer_set(hub->sweep_timer, TICK_MS);
    looks_go_on(hub);
}

void live_hub_put(struct live_hub *hub, struct live_message *message)
{
    inbox_put(&hub->inbox, message);
}

/* ---- what is heard ---- */

static void want_look_at_all(struct live_hub *hub)
{
    struct tracked *t;
    for (enum look_kind kind = LOOK_POSTS; kind < LOOK_KINDS; kind++)
        TAILQ_FOREACH (t, &hub->looks[kind].all, all)
            hub_want_look(hub, t);
    feed_want_look(hub);
}

static void on_owners(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct live_hub *hub = ctx;
    hub->owners = NULL;
    for (int row = 0; outcome == DB_OK && row < db_count(rows); row++) {
        struct live_key key = live_key_of(KEY_USER, db_text(rows, row, 0));
        struct tracked *t = hub_find(hub, &key);
        if (t)
            hub_want_look(hub, t);
    }
    looks_go_on(hub);
}

/* Personas' owners aren't known here. While one question is under way the sweep has to do. */
static void ask_owners(struct live_hub *hub, const char *personas)
{
    if (!hub->owners && !TAILQ_EMPTY(&hub->looks[LOOK_USERS].all))
        hub->owners = db_query(hub->db, SQL_LIVE_OWNERS, (const char *[]){personas}, on_owners, hub);
}

static void hear_item(struct live_hub *hub, const struct live_item *item)
{
    if (item->kind == 'f') {
        feed_want_look(hub);
        return;
    }
    struct live_key key = live_key_of(item->kind == 'p' ? KEY_POST : KEY_USER, item->id);
    struct tracked *t = hub_find(hub, &key);
    if (t)
        hub_want_look(hub, t);
}

static void hear_payload(struct live_hub *hub, const char *payload)
{
    struct live_item item;
    struct arena *arena = arena_new();
    struct buf personas = buf_new(arena);
    for (const char *at = payload; live_item_read(&at, &item);) {
        if (item.kind == 'd')
            buf_printf(&personas, "%s%s", personas.len ? "," : "{", item.id);
        else
            hear_item(hub, &item);
    }
    if (personas.len > 0) {
        buf_str(&personas, "}");
        ask_owners(hub, personas.text);
    }
    arena_free(arena);
}

/* After an outage of the connection, streams are told to read again, and what changed is told. */
static void hear_again(struct live_hub *hub)
{
    if (hub->was_listening) {
        hub->reset_n = ++hub->n;
        hub_put_to_desks(hub, WORD_RESET, NULL);
        log_info("live_listening_again", log_int("streams", hub->streams));
    }
    hub->was_listening = true;
    want_look_at_all(hub);
}

static void hub_hear(void *ctx, const char *payload)
{
    struct live_hub *hub = ctx;
    if (payload)
        hear_payload(hub, payload);
    else
        hear_again(hub);
    looks_go_on(hub);
}

/* ---- the sweep ---- */

static bool is_to_be_forgotten(const struct live_hub *hub, const struct tracked *t)
{
    return t->streams == 0 && !t->is_in_look && loop_now(hub->loop) > t->left_at + LINGER_MS * NS_PER_MS;
}

static void sweep_one(struct live_hub *hub, struct look *look)
{
    struct tracked *t = TAILQ_FIRST(&look->all);
    if (is_to_be_forgotten(hub, t)) {
        hub_forget(hub, t);
        return;
    }
    TAILQ_REMOVE(&look->all, t, all);
    TAILQ_INSERT_TAIL(&look->all, t, all);
    hub_want_look(hub, t);
}

static void sweep_some(struct live_hub *hub, struct look *look)
{
    look->sweep_due = MIN(look->sweep_due + (double)look->all_count * TICK_MS / (double)hub->sweep_ms, TICK_MOST);
    for (; look->sweep_due >= 1 && !TAILQ_EMPTY(&look->all); look->sweep_due--)
        sweep_one(hub, look);
}

static void hub_sweep(void *ctx)
{
    struct live_hub *hub = ctx;
    for (enum look_kind kind = LOOK_POSTS; kind < LOOK_KINDS; kind++)
        sweep_some(hub, &hub->looks[kind]);
    if (loop_now(hub->loop) >= hub->feed_due) {
        hub->feed_due = loop_now(hub->loop) + hub->sweep_ms * NS_PER_MS;
        feed_want_look(hub);
    }
    looks_go_on(hub);
    if (hub->topics.count > 0)
        timer_set(hub->sweep_timer, TICK_MS);
}

static void hub_retry(void *ctx)
{
    looks_go_on(ctx);
}

/* ---- its life ---- */

static void hub_open_looks(struct live_hub *hub)
{
    for (enum look_kind kind = LOOK_POSTS; kind < LOOK_KINDS; kind++) {
        hub->looks[kind].hub = hub;
        hub->looks[kind].kind = kind;
        TAILQ_INIT(&hub->looks[kind].all);
        TAILQ_INIT(&hub->looks[kind].dirty);
    }
    feed_open(hub);
}

struct live_hub *live_hub_open(struct loop *loop, struct db *db, const struct config *config, int64_t stream_max)
{
    struct live_hub *hub = must_calloc(1, sizeof *hub);
    hub->loop = loop;
    hub->db = db;
    hub->stream_max = stream_max;
    hub->sweep_ms = config->database_direct_url ? SWEEP_MS : SWEEP_DEAF_MS;
    /* a lock's statement and the write itself may take as long each */
    hub->slack_us = (2 * config->db_query_timeout + SLACK_LEAST_MS) * 1000;
    hub->boot = (uint32_t)(random_roll() * UINT32_MAX);
    inbox_open(&hub->inbox, loop, hub_on_inbox, hub);
    TAILQ_INIT(&hub->waiting);
    hub_open_looks(hub);
    hub->retry_timer = timer_new(loop, hub_retry, hub);
    hub->sweep_timer = timer_new(loop, hub_sweep, hub);
    db_listen(db, &(struct db_listen){.channel = LIVE_CHANNEL, .on_connect = SQL_NONE, .heard = hub_hear, .ctx = hub});
    return hub;
}

void live_hub_add_desk(struct live_hub *hub, struct inbox *desk)
{
    INVARIANT(hub->desk_count < DESKS_MAX);
    hub->desks[hub->desk_count++] = desk;
}

uint32_t live_hub_boot(const struct live_hub *hub)
{
    return hub->boot;
}

void live_hub_stop(struct live_hub *hub)
{
    hub->is_stopped = true;
    looks_stop(hub);
    feed_stop(hub);
    if (hub->owners)
        db_drop(hub->owners);
    timer_free(hub->retry_timer);
    timer_free(hub->sweep_timer);
}

void live_hub_free(struct live_hub *hub)
{
    for (struct topic *topic; (topic = topics_any(&hub->topics));) {
        topics_remove(&hub->topics, topic);
        tracked_free((struct tracked *)(void *)topic);
    }
    topics_free(&hub->topics);
    live_ring_free(&hub->ring);
    inbox_close(&hub->inbox);
    free(hub);
}
