#include "sys/db/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/db/encoding.h"
#include "sys/db/refusals.h"
#include "sys/lookup.h"

struct dial {
    struct loop *loop;
    const struct dial_owner *owner;
    void *ctx;
    struct hosts *hosts;
    char *application_name, *options;
    bool reads_only;
    struct lookup *lookups[HOSTS_MAX]; /* by the server's place */
    PGconn *conn;
    struct fd_watch *watch; /* of the connection, or of the lookup that is waited for */
    struct timer *limit;    /* of either */
    struct err why;         /* the first failure of the round */
};

static void dial_next(struct dial *dial);

static void dial_hang_up(struct dial *dial)
{
    timer_stop(dial->limit);
    fd_watch_free(dial->watch);
    dial->watch = NULL;
    PQfinish(dial->conn);
    dial->conn = NULL;
}

static void dial_fail(struct dial *dial, const char *why)
{
    if (!*dial->why.text)
        fail(&dial->why, "%s", why);
    dial_hang_up(dial);
    dial_next(dial);
}

static void dial_on_limit(void *ctx)
{
    struct dial *dial = ctx;
    dial_fail(dial, dial->conn ? "connecting timed out" : "host name: the lookup timed out");
}

static void dial_wait(struct dial *dial)
{
    timer_set(dial->limit, hosts_count(dial->hosts) > 1 ? DIAL_MS : DIAL_ALONE_MS);
}

/* ---- the connection ---- */

static void ignore_notice(void *ctx, const PGresult *notice)
{
    (void)ctx, (void)notice;
}

static void dial_succeed(struct dial *dial)
{
    PGconn *conn = dial->conn;
    dial->conn = NULL;
    timer_stop(dial->limit);
    hosts_good(dial->hosts);
    dial->owner->connected(dial->ctx, conn);
}

/* A connection for reads says by its own settings that it can't write; that its server can is what
 * counts. */
static const char *wanted(const struct dial *dial)
{
    const char *wanted = hosts_wanted(dial->hosts);
    return wanted && dial->reads_only && strcmp(wanted, "read-write") == 0 ? "primary" : wanted;
}

/* What libpq says when the server isn't what was wanted. */
static const char *const refusals[] = {"session is read-only", "server is in hot standby mode"};

static void dial_on_refused(struct dial *dial)
{
    const char *why = PQerrorMessage(dial->conn);
    char server[HOSTS_LABEL_SIZE];
    hosts_label(dial->hosts, server);
    for (size_t i = 0; i < COUNT(refusals); i++)
        if (wanted(dial) && strstr(why, refusals[i]))
            refusal_note(server, wanted(dial), refusals[i]);
    dial_fail(dial, why);
}

/* Why this server refused another connection just now; NULL: it didn't. */
static const char *lately_refused(const struct dial *dial)
{
    char server[HOSTS_LABEL_SIZE];
    hosts_label(dial->hosts, server);
    return hosts_count(dial->hosts) > 1 && wanted(dial) ? refusal_lately(server, wanted(dial)) : NULL;
}

static void dial_on_ready(void *ctx, int ready);

static void dial_watch(struct dial *dial, int events)
{
    dial->watch = fd_watch_new(dial->loop, PQsocket(dial->conn), dial_on_ready, dial);
    fd_watch_set(dial->watch, events);
}

/* libpq may close its socket and open another in any step, so the watch lives for one step only. */
static void dial_on_ready(void *ctx, int ready)
{
    (void)ready;
    struct dial *dial = ctx;
    fd_watch_free(dial->watch);
    dial->watch = NULL;
    PostgresPollingStatusType status = PQconnectPoll(dial->conn);
    struct err wrong;
    if (status == PGRES_POLLING_FAILED)
        dial_on_refused(dial);
    else if (status != PGRES_POLLING_OK)
        dial_watch(dial, status == PGRES_POLLING_READING ? WATCH_READ : WATCH_WRITE);
    else if (!encoding_is_utf8(dial->conn, &wrong))
        dial_fail(dial, wrong.text);
    else
        dial_succeed(dial);
}

static void dial_connect(struct dial *dial)
{
    const char *const over[][2] = {{"fallback_application_name", dial->application_name},
                                   {"options", dial->options},
                                   {"client_encoding", "UTF8"},
                                   {"keepalives_idle", "10"},
                                   {"keepalives_interval", "5"},
                                   {"keepalives_count", "3"},
                                   {"tcp_user_timeout", "10000"},
                                   {"target_session_attrs", wanted(dial)},
                                   {NULL, NULL}};
    const char *refusal = lately_refused(dial);
    if (refusal) {
        dial_fail(dial, refusal);
        return;
    }
    dial_wait(dial);
    dial->conn = hosts_connect(dial->hosts, over);
    PQsetNoticeReceiver(dial->conn, ignore_notice, NULL);
    if (PQstatus(dial->conn) == CONNECTION_BAD)
        dial_fail(dial, PQerrorMessage(dial->conn));
    else
        dial_watch(dial, WATCH_WRITE);
}

/* ---- the name ---- */

static struct lookup **dial_lookup(struct dial *dial)
{
    return &dial->lookups[hosts_place(dial->hosts)];
}

static void dial_on_looked_up(void *ctx, int ready)
{
    (void)ready;
    struct dial *dial = ctx;
    char why[160];
    const char *reason;
    const char *addresses = lookup_addresses(*dial_lookup(dial), &reason);
    snprintf(why, sizeof why, "host name: %s", reason);
    fd_watch_free(dial->watch);
    dial->watch = NULL;
    if (addresses)
        hosts_found(dial->hosts, addresses);
    lookup_free(*dial_lookup(dial));
    *dial_lookup(dial) = NULL;
    if (addresses)
        dial_connect(dial);
    else
        dial_fail(dial, why);
}

/* One lookup of a name at a time: the one that was too late for its last turn, where there is
 * one. */
static void dial_look_up(struct dial *dial)
{
    struct lookup **lookup = dial_lookup(dial);
    if (!*lookup)
        *lookup = lookup_start(hosts_name(dial->hosts));
    dial->watch = fd_watch_new(dial->loop, lookup_fd(*lookup), dial_on_looked_up, dial);
    fd_watch_set(dial->watch, WATCH_READ);
    dial_wait(dial);
}

/* ---- rounds ---- */

static void dial_next(struct dial *dial)
{
    switch (hosts_next(dial->hosts)) {
    case HOSTS_OVER: dial->owner->failed(dial->ctx, dial->why.text); return;
    case HOSTS_LOOK_UP: dial_look_up(dial); return;
    case HOSTS_CONNECT: dial_connect(dial); return;
    }
}

void dial_begin(struct dial *dial)
{
    *dial->why.text = '\0';
    hosts_begin(dial->hosts);
    dial_next(dial);
}

struct hosts *dial_hosts(struct dial *dial)
{
    return dial->hosts;
}

struct dial *dial_new(struct loop *loop, const struct db_config *config, const char *options,
                      const struct dial_owner *owner, void *ctx)
{
    struct dial *dial = must_calloc(1, sizeof *dial);
    *dial = (struct dial){.loop = loop, .owner = owner, .ctx = ctx, .reads_only = config->reads_only};
    dial->hosts = hosts_read(config->url);
    INVARIANT(dial->hosts);
    dial->application_name = must_strdup(config->application_name);
    dial->options = options ? must_strdup(options) : NULL;
    dial->limit = timer_new(loop, dial_on_limit, dial);
    return dial;
}

void dial_free(struct dial *dial)
{
    dial_hang_up(dial);
    for (int i = 0; i < HOSTS_MAX; i++)
        lookup_free(dial->lookups[i]);
    timer_free(dial->limit);
    hosts_free(dial->hosts);
    free(dial->application_name);
    free(dial->options);
    free(dial);
}
