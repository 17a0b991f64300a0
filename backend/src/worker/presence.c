#include "worker/presence.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "service/journal.h"
#include "sys/crypto.h"
#include "sys/log.h"

/* A worker's leases end at most two looks of the state watch after its connection, as those are
 * more than PATIENCE_MS apart. A session that breaks comes back within PATIENCE_MS, as
 * sys/db/lane.c tries again after 50 ms and after 100 more. After a start of the server, and after
 * a failover, all sessions come back; how far apart they do, FAILOVER_MS allows for: a round of the
 * servers takes DIAL_MS (sys/db/dial.h) for each that doesn't answer, and who left the old server
 * by a time-out of its own did so within about a second of the others. */
#define PATIENCE_MS "300"
#define FAILOVER_MS "4000"

struct presence {
    struct db *db;
    char id[12];
    bool appeared; /* our session held the lock once; until then no worker can miss us */
    struct presence_news news;
    struct db_call *ending; /* of a missing worker's leases */
};

static void on_vanished(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct presence *p = ctx;
    p->ending = NULL;
    int count = outcome == DB_OK ? db_count(rows) : 0;
    for (int row = 0; row < count; row++) {
        log_warn("worker_vanished", log_str("worker", db_text(rows, row, 0)),
                 log_int("leases", db_number(rows, row, 1)));
        journal_note(JOURNAL_PROCESS, "worker %.100s vanished; its jobs are taken over: %lld", db_text(rows, row, 0),
                     (long long)db_number(rows, row, 1));
    }
    if (count > 0)
        p->news.leases_ended(p->news.ctx);
}

static void presence_on_state(void *ctx, const struct db_rows *state)
{
    struct presence *p = ctx;
    const char *const params[] = {p->id, PATIENCE_MS, FAILOVER_MS};
    if (db_is_true(state, 0, STATE_WORKER_MISSING) && !p->ending)
        p->ending = db_query(p->db, SQL_WORKERS_VANISHED, params, on_vanished, p);
}

struct presence *presence_start(struct db *db, struct state_watch *state, const char *name,
                                const struct presence_news *news)
{
    struct presence *p = must_calloc(1, sizeof *p);
    *p = (struct presence){.db = db, .news = *news};
    snprintf(p->id, sizeof p->id, "%d", 1 + (int)(random_roll() * (INT_MAX - 1)));
    db_listen(db, &(struct db_listen){.channel = "jobs",
                                      .on_connect = SQL_WORKERS_APPEAR,
                                      .params = (const char *[]){p->id, name},
                                      .fn = news->notified,
                                      .ctx = news->ctx});
    state_watch_tell(state, presence_on_state, p);
    return p;
}

void presence_stop(struct presence *p)
{
    if (p->ending)
        db_drop(p->ending);
    free(p);
}

const char *presence_id(struct presence *p)
{
    bool is_there = db_is_listening(p->db);
    p->appeared = p->appeared || is_there;
    return is_there || !p->appeared ? p->id : NULL;
}
