#include "sys/db/lane.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/encoding.h"
#include "sys/db/metrics.h"
#include "sys/db/url.h"
#include "sys/log.h"

enum {
    BACKOFF_FIRST_MS = 50,
    BACKOFF_MAX_MS = 500,
    CONNECT_TIMEOUT_MS = 3000,
    RENEW_MS = 250,
    QUIET_MS = 2000, /* between two outages in the log */
};

struct lane {
    struct loop *loop;
    const struct lane_owner *owner;
    void *ctx;
    char *url, *application_name, *options, *host; /* host: to be looked up, or NULL */
    PGconn *conn;
    struct fd_watch *watch;
    struct timer *timer; /* the next attempt, or the end of this one */
    bool pooled, up, closing, looking_up;
    bool is_away, was_logged; /* since it was last proved */
    /* the connection was up once, so each piece of the URL is what it was taken for */
    bool was_proved;
    uint64_t backoff_ms, logged_at;
    char why[96];
};

static void lane_start_attempt(void *ctx);

/* The reason as a client may see it; the log has the full text once the URL has led to a
 * database. */
static const char *plain_reason(const char *message)
{
    static const char *const known[][2] = {
        {"has to be UTF8", "the database's encoding isn't UTF8"},
        {"certificate verify failed", "the server's certificate can't be verified"},
        {"does not match host name", "the server's certificate is another host's"},
        {"root certificate file", "sslrootcert can't be read"},
        {"does not support SSL", "the server has no TLS"},
        {"no pg_hba.conf entry", "the server takes no such login (pg_hba.conf)"},
        {"permission denied for database", "the role may not connect to the database"},
        {"Connection refused", "connection refused"},
        {"No such file or directory", "no server at that socket"},
        {"starting up", "the database system is starting up"},
        {"shutting down", "the database system is shutting down"},
        {"recovery mode", "the database system is in recovery mode"},
        {"password authentication failed", "password authentication failed"},
        {"does not exist", "role or database does not exist"},
        {"too many clients", "too many connections"},
        {"remaining connection slots", "too many connections"},
        {"administrator command", "connection ended by the administrator"},
        {"server closed the connection", "connection closed by the server"},
        {"timed out", "timed out"},
        {"could not translate", "host name not found"},
        {"host name", "host name not found"},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        if (strstr(message, known[i][0]))
            return known[i][1];
    return "connection failed";
}

static void first_line(char *out, size_t size, const char *message)
{
    snprintf(out, size, "%.*s", (int)strcspn(message, "\n"), message);
}

/* Logs once per outage, not once per attempt, and seldom where each connection is cut at its first
 * statement; only the plain reason of a URL that never worked, as libpq and the server quote pieces
 * of it. */
static void lane_log_down(struct lane *lane, const char *message)
{
    snprintf(lane->why, sizeof lane->why, "%s", plain_reason(message));
    uint64_t now = loop_now(lane->loop);
    bool is_known = lane->is_away;
    lane->is_away = true;
    if (is_known || (lane->logged_at && now < lane->logged_at + QUIET_MS * NS_PER_MS))
        return;
    char line[256];
    first_line(line, sizeof line, lane->was_proved ? message : lane->why);
    log_warn("db_connection_lost", log_str("error", line), log_str("connection", lane->application_name));
    lane->was_logged = true;
    lane->logged_at = now;
}

static void lane_close_connection(struct lane *lane)
{
    fd_watch_free(lane->watch);
    lane->watch = NULL;
    PQfinish(lane->conn);
    lane->conn = NULL;
}

static void lane_give_up(struct lane *lane, uint64_t next_ms)
{
    lane_close_connection(lane);
    lane->owner->down(lane->ctx);
    timer_set(lane->timer, next_ms);
}

static void lane_attempt_later(struct lane *lane, const char *message)
{
    lane_log_down(lane, message);
    lane_give_up(lane, lane->backoff_ms);
    lane->backoff_ms = MIN(lane->backoff_ms * 2, (uint64_t)BACKOFF_MAX_MS);
}

static void lane_go_down(struct lane *lane)
{
    lane->up = false;
    db_shift_connections(true, -1);
    db_shift_connections(false, +1);
}

void lane_break(struct lane *lane, const char *why)
{
    if (!lane->up)
        return;
    lane_go_down(lane);
    lane_attempt_later(lane, why);
}

void lane_renew(struct lane *lane)
{
    if (!lane->up)
        return;
    lane_go_down(lane);
    snprintf(lane->why, sizeof lane->why, "the database is read-only");
    lane_give_up(lane, RENEW_MS);
}

void lane_flush(struct lane *lane)
{
    int left = PQflush(lane->conn);
    if (left < 0)
        lane_break(lane, PQerrorMessage(lane->conn));
    else
        fd_watch_set(lane->watch, left ? WATCH_READ | WATCH_WRITE : WATCH_READ);
}

static void lane_on_ready(void *ctx, int ready)
{
    struct lane *lane = ctx;
    if ((ready & WATCH_READ) && !PQconsumeInput(lane->conn)) {
        /* Input that came before the end still counts: results, or the server's last error. */
        lane->owner->input(lane->ctx);
        if (lane->up)
            lane_break(lane, PQerrorMessage(lane->conn));
        return;
    }
    if (ready & WATCH_READ)
        lane->owner->input(lane->ctx);
    if (lane->up && (ready & WATCH_WRITE))
        lane_flush(lane);
}

static void lane_ignore_notice(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

void lane_proved(struct lane *lane)
{
    lane->backoff_ms = BACKOFF_FIRST_MS;
    if (lane->was_logged)
        log_info("db_connected", log_str("connection", lane->application_name));
    if (lane->is_away)
        db_count_reconnect();
    lane->was_logged = lane->is_away = false;
    lane->was_proved = true;
}

static void lane_go_up(struct lane *lane)
{
    timer_stop(lane->timer);
    if (PQsetnonblocking(lane->conn, 1) != 0) {
        lane_attempt_later(lane, PQerrorMessage(lane->conn));
        return;
    }
    PQsetNoticeReceiver(lane->conn, lane_ignore_notice, NULL);
    lane->watch = fd_watch_new(lane->loop, PQsocket(lane->conn), lane_on_ready, lane);
    fd_watch_set(lane->watch, WATCH_READ);
    lane->up = true;
    /* a pooler accepts clients while its server is away, and ends them at their first statement */
    if (!lane->pooled && !lane->owner->proves)
        lane_proved(lane);
    db_shift_connections(true, +1);
    db_shift_connections(false, -1);
    lane->owner->up(lane->ctx);
}

static void lane_on_connecting(void *ctx, int ready);

/* libpq may close its socket and open another in any step, so the watch lives for one step only. */
static void lane_step(struct lane *lane)
{
    fd_watch_free(lane->watch);
    lane->watch = NULL;
    PostgresPollingStatusType status = PQconnectPoll(lane->conn);
    struct err wrong;
    if (status == PGRES_POLLING_OK && !encoding_is_utf8(lane->conn, &wrong)) {
        lane_attempt_later(lane, wrong.text);
        return;
    }
    if (status == PGRES_POLLING_OK) {
        lane_go_up(lane);
        return;
    }
    if (status == PGRES_POLLING_FAILED) {
        lane_attempt_later(lane, PQerrorMessage(lane->conn));
        return;
    }
    lane->watch = fd_watch_new(lane->loop, PQsocket(lane->conn), lane_on_connecting, lane);
    fd_watch_set(lane->watch, status == PGRES_POLLING_READING ? WATCH_READ : WATCH_WRITE);
}

static void lane_on_connecting(void *ctx, int ready)
{
    (void)ready;
    lane_step(ctx);
}

static void lane_connect(struct lane *lane, const char *addresses)
{
    /* As many host names as addresses, for TLS and for errors. */
    char hosts[1024] = "";
    size_t len = 0;
    for (const char *a = addresses; a && len + strlen(lane->host) + 2 < sizeof hosts; a = strchr(a + 1, ','))
        len += (size_t)snprintf(hosts + len, sizeof hosts - len, "%s%s", len ? "," : "", lane->host);
    const char *names[] = {"dbname",
                           "host",
                           "hostaddr",
                           "fallback_application_name",
                           "options",
                           "client_encoding",
                           "keepalives_idle",
                           "keepalives_interval",
                           "keepalives_count",
                           "tcp_user_timeout",
                           NULL};
    const char *values[] = {lane->url,     addresses ? hosts : NULL,
                            addresses,     lane->application_name,
                            lane->options, "UTF8",
                            "10",          "5",
                            "3",           "10000",
                            NULL};
    timer_set(lane->timer, CONNECT_TIMEOUT_MS);
    lane->conn = PQconnectStartParams(names, values, 1);
    if (!lane->conn)
        abort();
    if (PQstatus(lane->conn) == CONNECTION_BAD) {
        lane_attempt_later(lane, PQerrorMessage(lane->conn));
        return;
    }
    lane->watch = fd_watch_new(lane->loop, PQsocket(lane->conn), lane_on_connecting, lane);
    fd_watch_set(lane->watch, WATCH_WRITE);
}

static void lane_free(struct lane *lane)
{
    free(lane->url);
    free(lane->application_name);
    free(lane->options);
    free(lane->host);
    free(lane);
}

static void lane_looked_up(void *ctx, const char *addresses, const char *why)
{
    struct lane *lane = ctx;
    lane->looking_up = false;
    if (lane->closing) {
        lane_free(lane);
        return;
    }
    if (addresses) {
        lane_connect(lane, addresses);
        return;
    }
    char message[160];
    snprintf(message, sizeof message, "host name: %s", why);
    lane_attempt_later(lane, message);
}

static void lane_start_attempt(void *ctx)
{
    struct lane *lane = ctx;
    if (lane->conn) {
        lane_attempt_later(lane, "connecting timed out");
        return;
    }
    if (!lane->host) {
        lane_connect(lane, NULL);
        return;
    }
    lane->looking_up = true;
    loop_resolve(lane->loop, lane->host, lane_looked_up, lane);
}

/* Every statement is meant for an index, hence enable_seqscan=off. A plan that is made while a
 * table is new would scan the table, and the plan is kept until the table is analysed: a reply's
 * brief took 3 ms instead of 0.6 in the first minute of a busy installation. */
void lane_settings(char out[static LANE_SETTINGS_SIZE], uint64_t timeout_ms)
{
    snprintf(out, LANE_SETTINGS_SIZE,
             "-c statement_timeout=%" PRIu64 " -c lock_timeout=%" PRIu64
             " -c timezone=UTC -c jit=off -c enable_seqscan=off",
             timeout_ms, timeout_ms);
}

/* NULL for PgBouncer, which refuses or ignores the options of a connection: pooler/begin sets
 * them. */
static char *start_options(const struct db_config *config)
{
    static const char one_snapshot[] =
        " -c default_transaction_isolation=repeatable\\ read"
        " -c default_transaction_read_only=on";
    char settings[LANE_SETTINGS_SIZE], options[LANE_SETTINGS_SIZE + sizeof one_snapshot];
    lane_settings(settings, config->query_timeout_ms);
    snprintf(options, sizeof options, "%s%s", settings, config->reads_only ? one_snapshot : "");
    return config->pooled ? NULL : must_strdup(options);
}

struct lane *lane_open(struct loop *loop, const struct db_config *config, const struct lane_owner *owner, void *ctx)
{
    assert(!database_url_problem(config->url)); /* config_read refuses such a URL */
    struct lane *lane = must_calloc(1, sizeof *lane);
    *lane =
        (struct lane){.loop = loop, .owner = owner, .ctx = ctx, .backoff_ms = BACKOFF_FIRST_MS, .why = "connecting"};
    lane->url = must_strdup(config->url);
    lane->application_name = must_strdup(config->application_name);
    lane->host = database_url_host_name(config->url);
    lane->pooled = config->pooled;
    lane->options = start_options(config);
    lane->timer = timer_new(loop, lane_start_attempt, lane);
    db_shift_connections(false, +1);
    lane_start_attempt(lane);
    return lane;
}

void lane_close(struct lane *lane)
{
    db_shift_connections(lane->up, -1);
    lane->up = false;
    lane->closing = true;
    lane_close_connection(lane);
    timer_free(lane->timer);
    if (!lane->looking_up)
        lane_free(lane);
}

PGconn *lane_conn(const struct lane *lane)
{
    return lane->up ? lane->conn : NULL;
}

bool lane_is_hopeful(const struct lane *lane)
{
    return lane->up || !lane->is_away;
}

bool lane_is_on(const struct lane *lane, enum server_role role)
{
    const char *standby = lane->up ? PQparameterStatus(lane->conn, "in_hot_standby") : NULL;
    return standby && strcmp(standby, role == ROLE_STANDBY ? "on" : "off") == 0;
}

const char *lane_why_down(const struct lane *lane)
{
    return lane->up ? "" : lane->why;
}
