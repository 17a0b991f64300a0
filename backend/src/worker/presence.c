#include "worker/presence.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "sys/crypto.h"
#include "sys/log.h"

/* From a worker's end to the end of its leases: at most two looks and the patience. A session
 * that breaks comes back within the patience (sys/db/lane.c tries again after 50 and another 100
 * ms); after a start of the server everybody has to. */
enum { LOOK_EVERY_MS = 80 };
#define PATIENCE_MS "300"
#define SERVER_START_MS "2000"

struct presence {
    struct db *db;
    char id[12];
    bool appeared; /* once; until then nobody can miss us */
    loop_fn *orphaned;
    void *ctx;
    struct timer *timer;
    struct db_call *look;
};

static void on_looked(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct presence *p = ctx;
    p->look = NULL;
    timer_set(p->timer, LOOK_EVERY_MS);
    int count = outcome == DB_OK ? db_count(rows) : 0;
    for (int row = 0; row < count; row++)
        log_warn("worker_vanished", log_str("worker", db_text(rows, row, 0)),
                 log_int("leases", db_number(rows, row, 1)));
    if (count > 0)
        p->orphaned(p->ctx);
}

static void look(void *ctx)
{
    struct presence *p = ctx;
    if (!db_is_up(p->db)) {
        timer_set(p->timer, LOOK_EVERY_MS);
        return;
    }
    p->look =
        db_query(p->db, SQL_WORKERS_VANISHED, (const char *[]){p->id, PATIENCE_MS, SERVER_START_MS}, on_looked, p);
}

struct presence *presence_start(struct loop *loop, struct db *db, const char *name, loop_fn *notified,
                                loop_fn *orphaned, void *ctx)
{
    struct presence *p = must_calloc(1, sizeof *p);
    *p = (struct presence){.db = db, .orphaned = orphaned, .ctx = ctx, .timer = timer_new(loop, look, p)};
    snprintf(p->id, sizeof p->id, "%d", 1 + (int)(random_roll() * (INT_MAX - 1)));
    db_listen(db, &(struct db_listen){.channel = "jobs",
                                      .on_connect = SQL_WORKERS_APPEAR,
                                      .params = (const char *[]){p->id, name},
                                      .fn = notified,
                                      .ctx = ctx});
    timer_set(p->timer, LOOK_EVERY_MS);
    return p;
}

void presence_stop(struct presence *p)
{
    if (p->look)
        db_drop(p->look);
    timer_free(p->timer);
    free(p);
}

const char *presence_id(struct presence *p)
{
    bool is_there = db_is_listening(p->db);
    p->appeared = p->appeared || is_there;
    return is_there || !p->appeared ? p->id : NULL;
}
