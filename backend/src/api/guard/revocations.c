#include "api/guard/revocations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "domain/id_set.h"
#include "sys/log.h"

/* Short locks, each on a part of the ids: threads seldom meet, and a part that grows is copied in
 * less than a millisecond. */
enum { PARTS = 64, PART_SHIFT = 58 };

static struct {
    struct part {
        pthread_mutex_t lock;
        struct id_set *ids; /* made with the first */
    } parts[PARTS];
    atomic_size_t count; /* 0: no look is needed */
    atomic_bool are_known;
} revoked;

static uint32_t now_s(void)
{
    return (uint32_t)(clock_unix_us() / 1000000);
}

/* ---- the ids ---- */

/* An id's place in its part comes from the lowest bits of its key, its part from the highest. */
static struct part *part_of(uint64_t key)
{
    return &revoked.parts[key >> PART_SHIFT];
}

static void revoked_add(uint64_t key, uint32_t until_s)
{
    struct part *part = part_of(key);
    pthread_mutex_lock(&part->lock);
    if (!part->ids)
        part->ids = id_set_new();
    size_t before = id_set_count(part->ids);
    id_set_add(part->ids, key, until_s);
    atomic_fetch_add_explicit(&revoked.count, id_set_count(part->ids) - before, memory_order_release);
    pthread_mutex_unlock(&part->lock);
}

static bool revoked_has(uint64_t key)
{
    struct part *part = part_of(key);
    pthread_mutex_lock(&part->lock);
    bool has = part->ids && id_set_has(part->ids, key);
    pthread_mutex_unlock(&part->lock);
    return has;
}

static void revoked_forget(struct part *part)
{
    pthread_mutex_lock(&part->lock);
    if (part->ids) {
        size_t before = id_set_count(part->ids);
        id_set_forget(part->ids, now_s());
        atomic_fetch_sub_explicit(&revoked.count, before - id_set_count(part->ids), memory_order_release);
    }
    pthread_mutex_unlock(&part->lock);
}

bool revocations_are_known(void)
{
    return atomic_load_explicit(&revoked.are_known, memory_order_acquire);
}

bool revocations_have(const struct token_holder *holder)
{
    if (atomic_load_explicit(&revoked.count, memory_order_acquire) == 0)
        return false;
    return (*holder->session_id && revoked_has(id_set_key(holder->session_id))) ||
           revoked_has(id_set_key(holder->user_id));
}

void revocations_add(const char session_id[static UUID_SIZE])
{
    enum { AS_LONG_AS_TOKENS_S = 25 * 3600 };
    revoked_add(id_set_key(session_id), now_s() + AS_LONG_AS_TOKENS_S);
}

/* ---- the watch ---- */

enum { PAGE = 5000, FORGET_EVERY_MS = 10000 };
#define NO_ID "00000000-0000-0000-0000-000000000000"

struct revocations_watch {
    struct db *db;
    struct timer *forget_timer; /* one part each time */
    struct db_call *call;
    bool in_trouble;
    int next_part;
    int64_t version; /* the last row read; 0: none, */
    char id[UUID_SIZE];
    int64_t current; /* or, where all was read, the table's version */
};

enum column { CURRENT, VERSION, ID, EXPIRES_IN_S };

static void look(struct revocations_watch *);

static void take_row(struct revocations_watch *w, const struct db_rows *rows, int row)
{
    const char *id = db_text(rows, row, ID);
    int64_t left_s = db_number(rows, row, EXPIRES_IN_S);
    w->version = db_number(rows, row, VERSION);
    snprintf(w->id, sizeof w->id, "%s", id);
    if (left_s > 0)
        revoked_add(id_set_key(w->id), now_s() + (uint32_t)MIN(left_s, 1000000));
}

static void finish_reading(struct revocations_watch *w, int64_t current)
{
    w->current = current;
    if (!atomic_exchange(&revoked.are_known, true))
        log_info("revocations_read", log_int("ids", (int64_t)atomic_load(&revoked.count)));
}

static void on_page(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct revocations_watch *w = ctx;
    w->call = NULL;
    if (db_is_new_trouble(outcome, rows, &w->in_trouble))
        log_warn("revocations_unreadable", log_str("error", db_outcome_name(outcome)),
                 log_str("detail", db_message(rows)));
    if (outcome != DB_OK || db_count(rows) == 0)
        return;
    int count = db_text(rows, 0, ID) ? db_count(rows) : 0;
    for (int row = 0; row < count; row++)
        take_row(w, rows, row);
    if (count == PAGE)
        look(w);
    else
        finish_reading(w, db_number(rows, 0, CURRENT));
}

static void look(struct revocations_watch *w)
{
    char version[24];
    snprintf(version, sizeof version, "%lld", (long long)w->version);
    w->call = db_query(w->db, SQL_REVOCATIONS_CHANGED, (const char *[]){version, w->id, "5000"}, on_page, w);
}

/* A version lower than ours: the database is another, or an older copy. */
static void revocations_on_state(void *ctx, const struct db_rows *state)
{
    struct revocations_watch *w = ctx;
    int64_t version = db_number(state, 0, STATE_REVOCATIONS_VERSION);
    if (w->call || version == w->current)
        return;
    if (version < w->version) {
        w->version = 0;
        snprintf(w->id, sizeof w->id, NO_ID);
    }
    look(w);
}

static void forget_some(void *ctx)
{
    struct revocations_watch *w = ctx;
    revoked_forget(&revoked.parts[w->next_part]);
    w->next_part = (w->next_part + 1) % PARTS;
    timer_set(w->forget_timer, FORGET_EVERY_MS);
}

struct revocations_watch *revocations_watch_start(struct loop *loop, struct db *db, struct state_watch *state)
{
    struct revocations_watch *w = must_calloc(1, sizeof *w);
    *w = (struct revocations_watch){.db = db, .id = NO_ID};
    w->forget_timer = timer_new(loop, forget_some, w);
    timer_set(w->forget_timer, FORGET_EVERY_MS);
    state_watch_tell(state, revocations_on_state, w);
    return w;
}

void revocations_watch_stop(struct revocations_watch *w)
{
    if (w->call)
        db_drop(w->call);
    timer_free(w->forget_timer);
    for (int i = 0; i < PARTS; i++) {
        id_set_free(revoked.parts[i].ids);
        revoked.parts[i].ids = NULL;
    }
    free(w);
}
