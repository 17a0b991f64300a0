#include "sys/db/lane.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/crypto.h"
#include "sys/db/dial.h"
#include "sys/db/metrics.h"
#include "sys/db/silence.h"
#include "sys/db/url.h"
#include "sys/log.h"

enum {
    BACKOFF_FIRST_MS = 50,
    BACKOFF_MAX_MS = 500,
    RENEW_MS = 250,
    QUIET_MS = 2000, /* between two outages in the log */
};

struct lane {
    struct loop *loop;
    const struct lane_owner *owner;
    void *ctx;
    char *application_name;
    struct dial *dial;
    PGconn *conn; /* NULL: not connected */
    struct fd_watch *watch;
    struct timer *timer; /* the next attempt */
    char server[HOSTS_LABEL_SIZE];
    uint64_t heard_at; /* the server */
    bool pooled, up;
    bool is_away, was_logged; /* since it was last proved */
    /* the connection was up once, so each piece of the URL is what it was taken for */
    bool was_proved;
    uint64_t backoff_ms, logged_at;
    char why[96];
};

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
        {"session is read-only", "the database is read-only"},
        {"server is in hot standby mode", "the server is a standby"},
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

/* Connections that broke together try again spread over the time: one of them finds a server soon
 * after it is back. */
static uint64_t spread(uint64_t backoff_ms)
{
    return backoff_ms / 2 + (uint64_t)(random_roll() * (double)(backoff_ms / 2));
}

static void lane_attempt_later(struct lane *lane, const char *message)
{
    lane_log_down(lane, message);
    lane_give_up(lane, spread(lane->backoff_ms));
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

static void lane_begin_anew(struct lane *lane, const char *why, uint64_t after_ms)
{
    if (!lane->up)
        return;
    lane_go_down(lane);
    snprintf(lane->why, sizeof lane->why, "%s", why);
    hosts_good_last(dial_hosts(lane->dial));
    lane_give_up(lane, after_ms);
}

void lane_renew(struct lane *lane)
{
    lane_begin_anew(lane, "the database is read-only", RENEW_MS);
}

void lane_leave_silent(struct lane *lane, const char *why, uint64_t since)
{
    if (!lane->up)
        return;
    silence_note(lane->server, since);
    hosts_good_last(dial_hosts(lane->dial));
    lane_break(lane, why);
}

void lane_check(struct lane *lane)
{
    if (lane->up && silence_since(lane->server, lane->heard_at))
        lane_begin_anew(lane, "timed out", 0);
}

bool lane_has_others(const struct lane *lane)
{
    return hosts_count(dial_hosts(lane->dial)) > 1;
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
    lane->heard_at = ready & WATCH_READ ? loop_now(lane->loop) : lane->heard_at;
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

static void lane_on_notice(void *ctx, const PGresult *notice)
{
    const struct lane *lane = ctx;
    if (lane->owner->notice)
        lane->owner->notice(lane->ctx, notice);
}

void lane_proved(struct lane *lane)
{
    lane->backoff_ms = BACKOFF_FIRST_MS;
    if (lane->was_logged)
        log_info("db_connected", log_str("connection", lane->application_name), log_str("server", lane->server));
    if (lane->is_away)
        db_count_reconnect();
    lane->was_logged = lane->is_away = false;
    lane->was_proved = true;
}

static void lane_go_up(void *ctx, PGconn *conn)
{
    struct lane *lane = ctx;
    lane->conn = conn;
    hosts_label(dial_hosts(lane->dial), lane->server);
    lane->heard_at = loop_now(lane->loop);
    if (PQsetnonblocking(conn, 1) != 0) {
        lane_attempt_later(lane, PQerrorMessage(conn));
        return;
    }
    PQsetNoticeReceiver(conn, lane_on_notice, lane);
    lane->watch = fd_watch_new(lane->loop, PQsocket(conn), lane_on_ready, lane);
    fd_watch_set(lane->watch, WATCH_READ);
    lane->up = true;
    /* a pooler accepts clients while its server is away, and ends them at their first statement */
    if (!lane->pooled && !lane->owner->proves)
        lane_proved(lane);
    db_shift_connections(true, +1);
    db_shift_connections(false, -1);
    lane->owner->up(lane->ctx);
}

static void lane_on_failed(void *ctx, const char *why)
{
    lane_attempt_later(ctx, why);
}

static void lane_start_attempt(void *ctx)
{
    const struct lane *lane = ctx;
    dial_begin(lane->dial);
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
    static const struct dial_owner dial_owner = {.connected = lane_go_up, .failed = lane_on_failed};
    assert(!database_url_problem(config->url)); /* config_read refuses such a URL */
    struct lane *lane = must_calloc(1, sizeof *lane);
    *lane =
        (struct lane){.loop = loop, .owner = owner, .ctx = ctx, .backoff_ms = BACKOFF_FIRST_MS, .why = "connecting"};
    lane->application_name = must_strdup(config->application_name);
    lane->pooled = config->pooled;
    char *options = start_options(config);
    lane->dial = dial_new(loop, config, options, &dial_owner, lane);
    free(options);
    lane->timer = timer_new(loop, lane_start_attempt, lane);
    db_shift_connections(false, +1);
    lane_start_attempt(lane);
    return lane;
}

void lane_close(struct lane *lane)
{
    db_shift_connections(lane->up, -1);
    lane_close_connection(lane);
    dial_free(lane->dial);
    timer_free(lane->timer);
    free(lane->application_name);
    free(lane);
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
