/* Where Postgres is and how it is used, and what a session listens to: for sys/db/db.h and the
 * connections beneath it. */
#ifndef PW_SYS_DB_DB_CONFIG_H
#define PW_SYS_DB_DB_CONFIG_H

#include "sql.h" /* made by the build from backend/sql: enum sql */
#include "sys/loop.h"

struct db_config {
    const char *url;
    /* for LISTEN, which no pooler passes on; NULL: url, or, where that is pooled, nothing
     * listens */
    const char *direct_url;
    /* url leads to a transaction pooler: a connection keeps nothing from one transaction to the
     * next */
    bool pooled;
    const char *application_name;
    /* 1: reads and writes share it; else the first is for reads, the others for writes, the last
     * for long reads, too */
    int connections;
    /* of one connection, set by sys/db/db.c: it is for reads alone, so its transactions see one
     * snapshot without being told */
    bool reads_only;
    int queue_limit;           /* statements waiting or under way, over all connections */
    uint64_t query_timeout_ms; /* statement_timeout */
};

enum server_role { ROLE_PRIMARY, ROLE_STANDBY };

/* What the session that listens does; see db_listen in sys/db/db.h. */
struct db_listen {
    const char *channel;
    enum sql on_connect;       /* the statement that runs first; SQL_NONE: nothing */
    const char *const *params; /* of on_connect, copied */
    loop_fn *fn;               /* NULL: nobody */
    /* Each notification's payload, before fn; NULL: it listens, and what came before was missed.
     * NULL: nobody wants payloads. */
    void (*heard)(void *ctx, const char *payload);
    void *ctx;
};

#endif
