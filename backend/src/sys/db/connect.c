#include "sys/db/connect.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/encoding.h"
#include "sys/db/hosts.h"
#include "sys/lookup.h"

enum { EACH_MS = 1000, EACH_LEAST_MS = 250 }; /* of several servers */

/* A connect's messages have the SQLSTATE first: "53300: sorry, too many clients already". */
static const char *after_sqlstate(const char *message, char sqlstate[static CONNECT_STATE_SIZE])
{
    enum { LEN = CONNECT_STATE_SIZE - 1 };
    if (strspn(message, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != LEN || strncmp(message + LEN, ": ", 2) != 0)
        return message;
    memcpy(sqlstate, message, LEN);
    sqlstate[LEN] = '\0';
    return message + LEN + 2;
}

bool connect_fail(struct err *err, const char *message, char sqlstate[static CONNECT_STATE_SIZE])
{
    static const char *const prefixes[] = {"FATAL:  ", "ERROR:  "};
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        const char *found = strstr(message, prefixes[i]);
        if (found)
            message = after_sqlstate(found + strlen(prefixes[i]), sqlstate);
    }
    int len = (int)strcspn(message, "\n");
    return fail(err, "%.*s", len, len ? message : "connection lost");
}

/* For poll: milliseconds, rounded up; a deadline that is further away is waited for again. */
static int poll_timeout(uint64_t left_ns)
{
    uint64_t left_ms = left_ns / NS_PER_MS;
    return left_ms < INT_MAX ? (int)left_ms + 1 : INT_MAX;
}

bool connect_poll(int fd, short events, int stop_fd, uint64_t deadline)
{
    for (uint64_t now; (now = clock_ns()) < deadline;) {
        struct pollfd fds[] = {{.fd = fd, .events = events}, {.fd = stop_fd, .events = POLLIN}};
        int ready = poll(fds, COUNT(fds), poll_timeout(deadline - now));
        if (fds[1].revents || (ready < 0 && errno != EINTR))
            return false;
        if (ready > 0)
            return true;
    }
    return false;
}

/* ---- one server ---- */

/* What the servers of a round said: a refusal is more telling than silence. */
struct round {
    struct hosts *hosts;
    const struct connect_ask *ask;
    uint64_t deadline;
    struct err *err;
    char *sqlstate;
    bool has_failed;
};

static void round_note(struct round *round, const char *message)
{
    struct err why;
    char state[CONNECT_STATE_SIZE] = "";
    connect_fail(&why, message, state);
    if (round->has_failed && (*round->sqlstate || !*state))
        return;
    round->has_failed = true;
    *round->err = why;
    memcpy(round->sqlstate, state, CONNECT_STATE_SIZE);
}

/* Several servers share the time; one has it for itself. */
static uint64_t limit_ms(const struct round *round)
{
    uint64_t all = round->ask->timeout_ms, count = (uint64_t)hosts_count(round->hosts);
    return count == 1 ? all : MIN(MAX(all / count, (uint64_t)EACH_LEAST_MS), (uint64_t)EACH_MS);
}

static uint64_t step_deadline(const struct round *round)
{
    return MIN(clock_ns() + limit_ms(round) * NS_PER_MS, round->deadline);
}

static void round_note_timeout(struct round *round)
{
    struct err why;
    fail(&why, "no answer within %llu ms", (unsigned long long)limit_ms(round));
    round_note(round, why.text);
}

/* True when libpq has come to an end, good or bad, in time. */
static bool poll_connection(const struct round *round, PGconn *conn)
{
    uint64_t deadline = step_deadline(round);
    PostgresPollingStatusType status = PQstatus(conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!connect_poll(PQsocket(conn), events, round->ask->stop_fd, deadline))
            return false;
        status = PQconnectPoll(conn);
    }
    return true;
}

static PGconn *connect_one(struct round *round)
{
    static const char *const over[][2] = {
        {"fallback_application_name", "personaworlds"}, {"client_encoding", "UTF8"}, {NULL, NULL}};
    PGconn *conn = hosts_connect(round->hosts, over);
    struct err wrong;
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    bool has_ended = poll_connection(round, conn);
    PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
    if (!has_ended)
        round_note_timeout(round);
    else if (PQstatus(conn) != CONNECTION_OK || PQsetnonblocking(conn, 1) != 0)
        round_note(round, PQerrorMessage(conn));
    else if (!encoding_is_utf8(conn, &wrong))
        round_note(round, wrong.text);
    else
        return conn;
    PQfinish(conn);
    return NULL;
}

static bool look_up(struct round *round)
{
    struct lookup *lookup = lookup_start(hosts_name(round->hosts));
    uint64_t deadline = step_deadline(round);
    const char *addresses = NULL, *why = "no answer in time";
    if (connect_poll(lookup_fd(lookup), POLLIN, round->ask->stop_fd, deadline))
        addresses = lookup_addresses(lookup, &why);
    if (addresses) {
        hosts_found(round->hosts, addresses);
    } else {
        struct err all;
        fail(&all, "host name: %s", why);
        round_note(round, all.text);
    }
    lookup_free(lookup);
    return addresses != NULL;
}

PGconn *connect_and_wait(const struct connect_ask *ask, struct err *err, char sqlstate[static CONNECT_STATE_SIZE])
{
    struct round round = {.hosts = hosts_read(ask->url), .ask = ask, .err = err, .sqlstate = sqlstate};
    INVARIANT(round.hosts);
    round.deadline = clock_ns() + ask->timeout_ms * NS_PER_MS;
    PGconn *conn = NULL;
    enum hosts_step step;
    *sqlstate = '\0';
    while (!conn && (!round.has_failed || clock_ns() < round.deadline) &&
           (step = hosts_next(round.hosts)) != HOSTS_OVER)
        if (step == HOSTS_CONNECT || look_up(&round))
            conn = connect_one(&round);
    hosts_free(round.hosts);
    return conn;
}
