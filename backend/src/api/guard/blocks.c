#include "api/guard/blocks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/guard/rate_key.h"
#include "api/http/client.h"
#include "base/clock.h"
#include "domain/address_set.h"
#include "sys/log.h"
#include "sys/metrics.h"

static const uint64_t never = UINT64_MAX;

/* ---- the published set ---- */

struct snapshot {
    struct address_set *set;
    int holders; /* under the lock: who published it, and views */
};

static struct {
    pthread_mutex_t lock;
    /* new with each snapshot; a view reads it without the lock */
    atomic_uint_fast64_t version;
    struct snapshot *current; /* NULL: nothing was blocked yet */
} published = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void snapshot_release(struct snapshot *snapshot)
{
    if (!snapshot || --snapshot->holders > 0)
        return;
    address_set_free(snapshot->set);
    free(snapshot);
}

static void blocks_publish(struct address_set *set)
{
    struct snapshot *snapshot = NULL;
    if (set) {
        snapshot = must_alloc(sizeof *snapshot);
        *snapshot = (struct snapshot){.set = set, .holders = 1};
    }
    pthread_mutex_lock(&published.lock);
    snapshot_release(published.current);
    published.current = snapshot;
    atomic_fetch_add_explicit(&published.version, 1, memory_order_release);
    pthread_mutex_unlock(&published.lock);
}

/* ---- a thread's view ---- */

struct blocks_view {
    uint64_t version;
    struct snapshot *snapshot;
};

struct blocks_view *blocks_view_open(void)
{
    return must_calloc(1, sizeof(struct blocks_view));
}

static void blocks_swap(struct blocks_view *view)
{
    pthread_mutex_lock(&published.lock);
    snapshot_release(view->snapshot);
    view->snapshot = published.current;
    if (view->snapshot)
        view->snapshot->holders++;
    view->version = atomic_load_explicit(&published.version, memory_order_relaxed);
    pthread_mutex_unlock(&published.lock);
}

void blocks_view_close(struct blocks_view *view)
{
    pthread_mutex_lock(&published.lock);
    snapshot_release(view->snapshot);
    pthread_mutex_unlock(&published.lock);
    free(view);
}

/* ---- refused requests ---- */

static struct {
    pthread_mutex_t lock;
    struct rate_table *logged; /* made with the first */
    struct metric *count;
} refused = {.lock = PTHREAD_MUTEX_INITIALIZER};

void blocks_metrics(void)
{
    refused.count = metric_series(metric_family(METRIC_COUNTER, "requests_blocked_total",
                                                "Requests refused because their address is blocked.", NULL),
                                  "");
}

static bool is_news(struct rate_key key)
{
    enum { ADDRESSES = 4096 };
    static const struct rate_rule once_a_minute = {.count = 1, .window_ms = 60000};
    pthread_mutex_lock(&refused.lock);
    if (!refused.logged)
        refused.logged = rate_table_new(ADDRESSES);
    bool is_news = rate_take(refused.logged, key, &once_a_minute, (int64_t)(clock_ns() / NS_PER_MS)).allowed;
    pthread_mutex_unlock(&refused.lock);
    return is_news;
}

static bool blocks_are_there(struct blocks_view *view)
{
    if (atomic_load_explicit(&published.version, memory_order_acquire) != view->version)
        blocks_swap(view);
    return view->snapshot != NULL;
}

bool blocks_have(struct blocks_view *view, const struct address *client)
{
    return blocks_are_there(view) && address_set_has(view->snapshot->set, client);
}

bool blocks_refuse(struct blocks_view *view, struct call *call)
{
    if (!blocks_are_there(view))
        return false;
    struct address client = client_of(call->http);
    if (!address_set_has(view->snapshot->set, &client))
        return false;
    const char *address = client_address(call->http);
    metric_add(refused.count, 1);
    if (is_news(rate_key_of(call->api->config->jwt_secret, address)))
        log_info("address_blocked", log_str("client", address), log_str("request_id", call->request_id));
    return true;
}

/* ---- the watch ---- */

struct block {
    struct cidr cidr;
    uint64_t ends; /* loop time */
};

struct blocks_watch {
    struct loop *loop;
    struct db *db;
    struct timer *end_timer; /* set while a block of those read has an end */
    struct db_call *call;
    bool in_trouble;
    int64_t version; /* of the table; 0: not known yet */
    struct block *blocks;
    int count;
};

static void plan_next_end(struct blocks_watch *w, uint64_t next_end)
{
    if (next_end == never)
        timer_stop(w->end_timer);
    else
        timer_set(w->end_timer, (next_end - loop_now(w->loop)) / NS_PER_MS + 1);
}

/* Publishes the set of the blocks in force, drops those that ended, and logs the change. */
static void take_those_in_force(struct blocks_watch *w, const char *reason)
{
    struct cidr *networks = must_calloc((size_t)w->count + 1, sizeof *networks);
    uint64_t next_end = never;
    int kept = 0;
    for (int i = 0; i < w->count; i++) {
        if (w->blocks[i].ends <= loop_now(w->loop))
            continue;
        networks[kept] = w->blocks[i].cidr;
        next_end = MIN(next_end, w->blocks[i].ends);
        w->blocks[kept++] = w->blocks[i];
    }
    w->count = kept;
    plan_next_end(w, next_end);
    blocks_publish(kept ? address_set_new(networks, kept) : NULL);
    free(networks);
    log_info("blocks_changed", log_int("networks", kept), log_str("reason", reason));
}

enum column { VERSION, CIDR, EXPIRES_IN_MS };

static bool read_row(const struct blocks_watch *w, const struct db_rows *rows, int row, struct block *block)
{
    const char *cidr = db_text(rows, row, CIDR);
    bool ends = db_text(rows, row, EXPIRES_IN_MS) != NULL;
    block->ends = ends ? loop_now(w->loop) + (uint64_t)MAX(db_number(rows, row, EXPIRES_IN_MS), 0) * NS_PER_MS : never;
    return cidr && cidr_read(cidr, strlen(cidr), &block->cidr);
}

static void blocks_take(struct blocks_watch *w, const struct db_rows *rows)
{
    bool is_first = w->version == 0;
    int count = db_count(rows);
    free(w->blocks);
    w->blocks = must_calloc((size_t)count, sizeof *w->blocks);
    w->version = db_number(rows, 0, VERSION);
    w->count = 0;
    for (int row = 0; row < count; row++)
        w->count += read_row(w, rows, row, &w->blocks[w->count]);
    if (w->count > 0 || !is_first)
        take_those_in_force(w, is_first ? "start" : "changed");
}

static void on_blocks(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct blocks_watch *w = ctx;
    w->call = NULL;
    if (db_is_new_trouble(outcome, rows, &w->in_trouble))
        log_warn("blocks_unreadable", log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    if (outcome == DB_OK && db_count(rows) > 0)
        blocks_take(w, rows);
}

static void blocks_end_those_over(void *ctx)
{
    take_those_in_force(ctx, "expired");
}

static void blocks_on_state(void *ctx, const struct db_rows *state)
{
    struct blocks_watch *w = ctx;
    char version[24];
    if (w->call || db_number(state, 0, STATE_BLOCKS_VERSION) == w->version)
        return;
    snprintf(version, sizeof version, "%lld", (long long)w->version);
    w->call = db_query(w->db, SQL_BLOCKS_CHANGED, (const char *[]){version}, on_blocks, w);
}

struct blocks_watch *blocks_watch_start(struct loop *loop, struct db *db, struct state_watch *state)
{
    struct blocks_watch *w = must_calloc(1, sizeof *w);
    *w = (struct blocks_watch){.loop = loop, .db = db};
    w->end_timer = timer_new(loop, blocks_end_those_over, w);
    state_watch_tell(state, blocks_on_state, w);
    return w;
}

/* After the threads of all views have ended. */
void blocks_watch_stop(struct blocks_watch *w)
{
    if (w->call)
        db_drop(w->call);
    timer_free(w->end_timer);
    blocks_publish(NULL);
    rate_table_free(refused.logged);
    refused.logged = NULL;
    free(w->blocks);
    free(w);
}
